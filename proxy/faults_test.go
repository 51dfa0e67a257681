package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestEndings: what the sender sees of each fault that shows no answer, what the target gets, what the log says.
func TestEndings(t *testing.T) {
	tests := []struct {
		name      string
		rule      string
		ended     wiretest.Ended
		reached   deliveries.Reached
		delivered bool
		end       deliveries.End
		requests  int
	}{
		{name: "reset", rule: "reset = true", ended: wiretest.RST, reached: deliveries.None, end: deliveries.Reset},
		{name: "refuse", rule: "refuse = true", ended: wiretest.RST, reached: deliveries.None, end: deliveries.Reset},
		{name: "close", rule: "close = true", ended: wiretest.FIN, reached: deliveries.None, end: deliveries.Fin},
		{name: "hang for a while", rule: `hang = { for = "50ms" }`, ended: wiretest.RST, reached: deliveries.None, end: deliveries.Reset},
		{
			name: "acknowledgement lost", rule: "deliver_first = true\nreset = true",
			ended: wiretest.RST, reached: deliveries.Whole, delivered: true, end: deliveries.Reset, requests: 1,
		},
		{
			name: "delivered, then closed", rule: "deliver_first = true\nclose = true",
			ended: wiretest.FIN, reached: deliveries.Whole, delivered: true, end: deliveries.Fin, requests: 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", `{"n":1}`))
			got, ended := sender.Rest(wiretest.Patience)
			require.Empty(t, got)
			require.Equal(t, tt.ended, ended)
			require.Len(t, target.Requests(), tt.requests)

			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, deliveries.Unanswered, a.Outcome)
			require.Equal(t, tt.end, a.End)
			require.Equal(t, deliveries.ByProxy, a.EndedBy)
			require.Equal(t, tt.reached, a.Reached)
			require.Equal(t, tt.delivered, *a.Delivered)
			require.Nil(t, a.Answer)
			require.Equal(t, []string{"x"}, a.Rules)
			require.Equal(t, int64(7), a.Request.Bytes)
		})
	}
}

// TestResetInTheRequest: the RST comes while the sender has still to send, and the log says how much was read. Nothing of it reaches the target.
func TestResetInTheRequest(t *testing.T) {
	const head = "POST http://%s/hook HTTP/1.1\r\nHost: %[1]s\r\nWebhook-Id: wh_1\r\n"
	tests := []struct {
		name, sent      string
		read, announced int64
	}{
		{"half of its length", head + "Content-Length: 200000\r\n\r\n" + strings.Repeat("x", 100_000), 100_000, 200_000},
		{"the first chunk of an unknown length", head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 5, 0},
		{"the head before a 100", head + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", 0, 5},
		{"no body at all", head + "Content-Length: 0\r\n\r\n", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
			p := start(t, "[[rule]]\nname = \"x\"\nreset = { at = \"request\" }")
			sender := wiretest.Dial(t, p.address)
			sender.Send(fmt.Sprintf(tt.sent, target.Address()))
			got, ended := sender.Rest(wiretest.Patience)
			require.Empty(t, got)
			require.Equal(t, wiretest.RST, ended)
			require.Zero(t, target.Connections())

			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, "wh_1", a.Key)
			require.Equal(t, tt.read, a.Request.Bytes)
			require.Equal(t, tt.announced, a.Request.Announced)
			require.Equal(t, deliveries.Unanswered, a.Outcome)
			require.Equal(t, deliveries.Reset, a.End)
			require.Equal(t, deliveries.ByProxy, a.EndedBy)
			require.Equal(t, deliveries.None, a.Reached)
		})
	}
}

// TestStatus: an injected answer is whole, in step, and the connection goes on.
func TestStatus(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, `
[[rule]]
name = "busy"
when.attempt = 1
status = { code = 503, body = '{"busy":true}', retry_after = "1500ms", header = { X-Why = "maintenance" } }
`)
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", `{"n":1}`))
	resp, body := sender.Answer("POST")
	require.Equal(t, 503, resp.StatusCode)
	require.Equal(t, `{"busy":true}`, body)
	require.Equal(t, "2", resp.Header.Get("Retry-After"))
	require.Equal(t, "maintenance", resp.Header.Get("X-Why"))
	require.NotContains(t, resp.Header, "Content-Type")
	require.NotContains(t, resp.Header, "Via")
	require.NotContains(t, resp.Header, "Proxy-Status")

	sender.Send(wiretest.Post(target.Address(), "/hook", `{"n":1}`))
	resp, body = sender.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "ok", body)
	require.Equal(t, []string{"1.1 faultline-test"}, resp.Header["Via"])

	attempts := p.journal.attempts(t, 2)
	require.Equal(t, []int{1, 2}, []int{attempts[0].Attempt, attempts[1].Attempt})
	require.Equal(t, attempts[0].Delivery, attempts[1].Delivery)
	require.Equal(t, deliveries.Rejected, attempts[0].Outcome)
	require.Equal(t, int64(2000), *attempts[0].Answer.RetryAfterMS)
	require.Nil(t, attempts[0].Target)
	require.Equal(t, deliveries.Acknowledged, attempts[1].Outcome)
	require.Equal(t, 200, attempts[1].Target.Status)
	require.Len(t, target.Requests(), 1)
}

// TestLatency: a delay is never shorter than asked, and a sender that does not wait for it is seen to leave.
func TestLatency(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	t.Run("waits", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"slow\"\nlatency = \"60ms\"\n[[rule]]\nname = \"slower\"\nlatency = { delay = \"40ms\", at = \"response\" }")
		begun := time.Now()
		status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
		require.Equal(t, 200, status)
		require.GreaterOrEqual(t, time.Since(begun), 100*time.Millisecond)
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, []string{"slow", "slower"}, a.Rules)
		require.GreaterOrEqual(t, a.MS.Total, 100.0)
	})
	t.Run("sender leaves", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"slow\"\nlatency = \"1h\"")
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/gone", "x"))
		require.NoError(t, sender.Conn.Close())
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, deliveries.Unanswered, a.Outcome)
		require.Equal(t, deliveries.Silence, a.End)
		require.Equal(t, deliveries.BySender, a.EndedBy)
		require.Equal(t, deliveries.None, a.Reached)
	})
}

// TestHangSeesTheSenderLeave: the place is free again when the sender has gone.
func TestHangSeesTheSenderLeave(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"hang\"\nhang = true")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	open := wait[*deliveries.Open](t, p.journal, 1)[0]
	require.Equal(t, []string{"hang"}, open.Rules)
	require.NoError(t, sender.Conn.Close())
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, a.ID, open.ID)
	require.Equal(t, deliveries.Silence, a.End)
	require.Equal(t, deliveries.BySender, a.EndedBy)
	require.GreaterOrEqual(t, a.MS.Total, 1000.0)
	require.Empty(t, target.Requests())
}

// TestLiftFaults: what is held goes on at once, and nothing fires afterwards.
func TestLiftFaults(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"slow\"\nmatch.path = \"/slow\"\nlatency = \"1h\"\n[[rule]]\nname = \"hang\"\nmatch.path = \"/hang\"\nhang = true")
	slow, hung := wiretest.Dial(t, p.address), wiretest.Dial(t, p.address)
	slow.Send(wiretest.Post(target.Address(), "/slow", "x"))
	hung.Send(wiretest.Post(target.Address(), "/hang", "x"))
	wait[*deliveries.Open](t, p.journal, 2)

	p.LiftFaults()
	resp, _ := slow.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)
	_, ended := hung.Rest(wiretest.Patience)
	require.Equal(t, wiretest.RST, ended)

	status, _ := p.one(t, wiretest.Post(target.Address(), "/hang", "x"))
	require.Equal(t, 200, status)
	attempts := p.journal.attempts(t, 3)
	require.Empty(t, attempts[2].Rules)
	require.Equal(t, 2, attempts[2].Attempt)
}
