package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestUnfinishedAnswers: what is shown of an answer that a fault breaks, how it breaks, and what the target knows of it.
func TestUnfinishedAnswers(t *testing.T) {
	const own = "HTTP/1.1 201 Created\r\nX-Own: 1\r\nContent-Length: 10\r\n\r\n0123456789"
	const chunked = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"
	tests := []struct {
		name, rule, target string
		got                []string // in this order, and nothing after the last
		ended              wiretest.Ended
		end                deliveries.End
		by                 deliveries.Party
		bytes              int64 // of the body, as the record has it
		delivered          bool
	}{
		{
			name: "truncate", rule: `truncate = { after = 3, body = "0123456789" }`,
			got: []string{"HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\n\r\n3\r\n012\r\n"}, ended: wiretest.FIN, end: deliveries.Cut, bytes: 3,
		},
		{
			name: "truncate, length kept", rule: `truncate = { after = "50%", keep_length = true, code = 202, body = "0123456789" }`,
			got: []string{"HTTP/1.1 202 Accepted\r\n", "Content-Length: 10\r\n", "\r\n\r\n01234"}, ended: wiretest.FIN, end: deliveries.Cut, bytes: 5,
		},
		{
			name: "truncate, never the whole of a known length", rule: `truncate = { after = 99, keep_length = true, body = "0123456789" }`,
			got: []string{"Content-Length: 10\r\n", "\r\n\r\n012345678"}, ended: wiretest.FIN, end: deliveries.Cut, bytes: 9,
		},
		{
			name: "truncate the target's own", rule: "deliver_first = true\ntruncate = \"50%\"", target: own,
			got: []string{"HTTP/1.1 201 Created\r\n", "Via: 1.1 faultline-test\r\n", "X-Own: 1\r\n", "\r\n\r\n5\r\n01234\r\n"}, ended: wiretest.FIN, end: deliveries.Cut, bytes: 5, delivered: true,
		},
		{
			name: "truncate the target's own of unknown length", rule: "deliver_first = true\ntruncate = { after = \"30%\", keep_length = true }", target: chunked,
			got: []string{"HTTP/1.1 201 Created\r\n", "\r\n\r\n3\r\n012\r\n"}, ended: wiretest.FIN, end: deliveries.Cut, bytes: 3, delivered: true,
		},
		{
			name: "reset in the body", rule: `reset = { at = "body", after = 4, body = "0123456789" }`,
			got: []string{"Content-Length: 10\r\n", "\r\n\r\n0123"}, ended: wiretest.RST, end: deliveries.Reset, bytes: 4,
		},
		{
			name: "reset in the target's body", rule: "deliver_first = true\nreset = { at = \"body\", after = 4 }", target: own,
			got: []string{"Content-Length: 10\r\n", "X-Own: 1\r\n\r\n0123"}, ended: wiretest.RST, end: deliveries.Reset, bytes: 4, delivered: true,
		},
		{
			name: "stall for a while", rule: `stall = { after = 2, for = "30ms", body = "0123456789" }`,
			got: []string{"Content-Length: 10\r\n", "\r\n\r\n01"}, ended: wiretest.RST, end: deliveries.Reset, bytes: 2,
		},
		{
			name: "stall after the head", rule: `stall = { for = "30ms" }`,
			got: []string{"Content-Length: 17\r\n", "\r\n\r\n"}, ended: wiretest.RST, end: deliveries.Reset,
		},
		{name: "garbage", rule: `malformed = "garbage"`, got: []string{"\x00\x01 this is no answer\r\n\r\n"}, ended: wiretest.FIN, end: deliveries.Cut, bytes: 24},
		{name: "bad chunk", rule: `malformed = "chunk"`, got: []string{"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "0\r\n\r\n"}, ended: wiretest.FIN, end: deliveries.Cut, bytes: 29},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(tt.target))
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
			got, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, tt.ended, ended)
			rest := got
			for _, part := range tt.got {
				_, after, found := strings.Cut(rest, part)
				require.True(t, found, "%q in %q", part, got)
				rest = after
			}
			require.Empty(t, rest)
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, deliveries.Broken, a.Outcome)
			require.Equal(t, tt.end, a.End)
			require.Equal(t, deliveries.ByProxy, a.EndedBy)
			require.Equal(t, tt.delivered, *a.Delivered)
			require.NotNil(t, a.Answer)
			require.Equal(t, tt.bytes, a.Answer.Bytes)
			if tt.delivered {
				require.Equal(t, int64(10), a.Target.Bytes)
			}
		})
	}
}

// TestNothingToLeaveUnfinished: an answer without a body is shown not at all rather than whole; with the target down a stand-in is broken.
func TestNothingToLeaveUnfinished(t *testing.T) {
	none := wiretest.Listen(t, wiretest.Answering("HTTP/1.1 204 No Content\r\n\r\n"))
	tests := []struct {
		name, target string
		got          string
		outcome      deliveries.Outcome
		delivered    bool
	}{
		{"the target's 204", none.Address(), "", deliveries.Unanswered, true},
		{"target down", wiretest.RefusingPort(t), "HTTP/1.1 200 OK\r\n", deliveries.Broken, false},
	}
	for _, tt := range tests {
		for _, rule := range []string{`truncate = "50%"`, `reset = { at = "body" }`, `stall = { for = "10ms" }`} {
			t.Run(tt.name+", "+rule, func(t *testing.T) {
				p := start(t, "[[rule]]\nname = \"x\"\ndeliver_first = true\n"+rule)
				sender := wiretest.Dial(t, p.address)
				sender.Send(wiretest.Post(tt.target, "/hook", "x"))
				got, ended := sender.Rest(wiretest.Patience)
				require.NotEqual(t, wiretest.Open, ended)
				require.True(t, strings.HasPrefix(got, tt.got) && (got == "") == (tt.got == ""), got)
				a := p.journal.attempts(t, 1)[0]
				require.Equal(t, tt.outcome, a.Outcome)
				require.Equal(t, tt.delivered, *a.Delivered)
				require.Len(t, a.Faults, 1)
			})
		}
	}
}

// TestStallSeesTheSenderLeave: silence in the middle of an answer ends when the sender goes.
func TestStallSeesTheSenderLeave(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"x\"\nstall = { after = 5 }")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(wiretest.RefusingPort(t), "/hook", "x"))
	resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
	require.NoError(t, err)
	var begun [5]byte
	_, err = io.ReadFull(resp.Body, begun[:])
	require.NoError(t, err)
	require.NoError(t, sender.Conn.Close())
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, deliveries.Broken, a.Outcome)
	require.Equal(t, deliveries.Silence, a.End)
	require.Equal(t, deliveries.BySender, a.EndedBy)
	require.Equal(t, int64(5), a.Answer.Bytes)
}

// TestSoundInForm: answers that are framed well, whatever else is wrong with them; the connection goes on.
func TestSoundInForm(t *testing.T) {
	tests := []struct {
		name, rule string
		check      func(*testing.T, *http.Response, string)
	}{
		{"gzip that is none", `malformed = "gzip"`, func(t *testing.T, r *http.Response, body string) {
			require.Equal(t, "gzip", r.Header.Get("Content-Encoding"))
			require.Equal(t, `{"received":true}`, body)
		}},
		{"a huge header", `malformed = "huge_header"`, func(t *testing.T, r *http.Response, _ string) {
			require.Len(t, r.Header.Get("X-Huge"), 130_000)
		}},
		{"many headers", `malformed = "many_headers"`, func(t *testing.T, r *http.Response, _ string) {
			require.Greater(t, len(r.Header), 300)
		}},
		{"redirect", `redirect = "https://other.test/hook"`, func(t *testing.T, r *http.Response, body string) {
			require.Equal(t, 307, r.StatusCode)
			require.Equal(t, "https://other.test/hook", r.Header.Get("Location"))
			require.Empty(t, body)
		}},
		{"a loop", `redirect = { to = "loop", code = 302 }`, func(t *testing.T, r *http.Response, _ string) {
			require.Equal(t, 302, r.StatusCode)
			require.Equal(t, "./hook", r.Header.Get("Location"))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			down := wiretest.RefusingPort(t)
			for range 2 {
				sender.Send(wiretest.Post(down, "/hook", "x"))
				resp, body := sender.Answer("POST")
				tt.check(t, resp, body)
			}
		})
	}
}

// TestInformational: interim answers come before the answer, and not to HTTP/1.0.
func TestInformational(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"x\"\ninformational = { count = 2 }\nlatency = \"1ms\"")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x", "Connection: close"))
	got, _ := sender.Rest(wiretest.Patience)
	require.True(t, strings.HasPrefix(got, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n"), got)
	require.Equal(t, deliveries.Acknowledged, p.journal.attempts(t, 1)[0].Outcome)

	sender = wiretest.Dial(t, p.address)
	sender.Send(strings.Replace(wiretest.Post(target.Address(), "/hook", "y"), "HTTP/1.1", "HTTP/1.0", 1))
	got, _ = sender.Rest(500 * time.Millisecond)
	require.True(t, strings.HasPrefix(got, "HTTP/1.0 200 OK\r\n"), got)
}

// TestInformationalTakenForTheAnswer: who leaves on an interim answer has had no answer, and left because of the fault.
func TestInformationalTakenForTheAnswer(t *testing.T) {
	gone := make(chan struct{})
	target := wiretest.Listen(t, func(*wiretest.Conn) { <-gone })
	p := start(t, "[[rule]]\nname = \"x\"\ninformational = true")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
	require.NoError(t, err)
	require.Equal(t, 103, resp.StatusCode)
	require.NoError(t, sender.Conn.Close())
	a := p.journal.attempts(t, 1)[0]
	close(gone)
	require.Equal(t, deliveries.Unanswered, a.Outcome)
	require.Equal(t, deliveries.Silence, a.End)
	require.Equal(t, deliveries.BySender, a.EndedBy)
	require.Nil(t, a.Answer)
}
