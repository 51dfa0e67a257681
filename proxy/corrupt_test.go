package proxy_test

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// differing is how many bytes differ between two texts of the same length.
func differing(t *testing.T, a, b string) (n int) {
	t.Helper()
	require.Len(t, a, len(b))
	for i := range len(a) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func answerOf(body string, header ...string) string {
	return "HTTP/1.1 200 OK\r\n" + lines(header) + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

func chunkedAnswer(chunks ...string) string {
	var b strings.Builder
	b.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
	w := newChunks(&b)
	for _, chunk := range chunks {
		_, _ = io.WriteString(w, chunk) // into memory
	}
	_ = w.Close()
	return b.String() + "\r\n"
}

// TestCorrupt: whoever made the answer, it is whole, has its length and its fields, and so many of its bytes are others; the target's part is as it was.
func TestCorrupt(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000)
	tests := []struct {
		name, rule, target string
		body               string // without the fault
		differ             int
		bytes              int64 // of the target's own answer
	}{
		{name: "relayed", rule: "corrupt = true", target: answerOf(long), body: long, differ: 1, bytes: 200_000},
		{name: "relayed, several", rule: "corrupt = 100", target: answerOf(long), body: long, differ: 100, bytes: 200_000},
		{name: "relayed, more than there are", rule: "corrupt = 100", target: answerOf("ok"), body: "ok", differ: 2, bytes: 2},
		{name: "encoded", rule: "corrupt = 3", target: answerOf("0123456789", "Content-Encoding: gzip"), body: "0123456789", differ: 3, bytes: 10},
		{name: "of unknown length", rule: "corrupt = 2", target: chunkedAnswer("ab", "cdef", "g"), body: "abcdefg", differ: 2, bytes: 7},
		{name: "of unknown length, in its first part", rule: "corrupt = 4096", target: chunkedAnswer(long), body: long, differ: 4096, bytes: 200_000},
		{name: "our own", rule: "corrupt = 2\nstatus = { code = 200, body = \"0123456789\" }", body: "0123456789", differ: 2},
		{name: "our own, after the target's", rule: "corrupt = 2\ndeliver_first = true\nstatus = { code = 200, body = \"0123456789\" }", target: wiretest.OK, body: "0123456789", differ: 2, bytes: 2},
		{name: "by the target's answer", rule: "match.response = 200\ncorrupt = 3", target: answerOf("0123456789"), body: "0123456789", differ: 3, bytes: 10},
		{name: "twice", rule: "corrupt = 1\n[[rule]]\nname = \"again\"\ncorrupt = { json = true }", target: answerOf(`{"a":1}`), body: `{"a":1}`, differ: 1, bytes: 7},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := wiretest.Listen(t, wiretest.Answering(tt.target))
			p := start(t, "seed = 7\n[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			for range 2 {
				sender.Send(wiretest.Post(target.Address(), "/hook", "{}", "Webhook-Id: wh_1"))
				resp, body := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				require.Equal(t, tt.differ, differing(t, body, tt.body))
				require.Equal(t, strings.Contains(tt.target, "gzip"), resp.Header.Get("Content-Encoding") == "gzip")
			}
			for _, a := range p.journal.attempts(t, 2) {
				require.Equal(t, deliveries.Acknowledged, a.Outcome)
				require.Equal(t, int64(len(tt.body)), a.Answer.Bytes)
				if tt.bytes > 0 {
					require.Equal(t, tt.bytes, a.Target.Bytes)
				}
			}
		})
	}
}

// TestCorruptJSON: the body has its length, differs by one byte, and is no JSON any more, also as a part of what is then cut.
func TestCorruptJSON(t *testing.T) {
	const body = `{"received":true,"ids":[1,2,3]}`
	for _, answer := range []string{answerOf(body), chunkedAnswer(body[:5], body[5:])} {
		target := wiretest.Listen(t, wiretest.Answering(answer))
		p := start(t, "[[rule]]\nname = \"x\"\ncorrupt = { json = true }")
		status, got := p.one(t, wiretest.Post(target.Address(), "/hook", "{}"))
		require.Equal(t, 200, status)
		require.Equal(t, 1, differing(t, got, body))
		require.False(t, json.Valid([]byte(got)))
		require.Nil(t, p.journal.attempts(t, 1)[0].LeftAlone)
	}
	target := wiretest.Listen(t, wiretest.Answering(answerOf(body)))
	p := start(t, "[[rule]]\nname = \"x\"\ncorrupt = { json = true }\ndeliver_first = true\ntruncate = { after = 30, keep_length = true }")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "{}"))
	got, ended := sender.Rest(wiretest.Patience)
	require.Equal(t, wiretest.FIN, ended)
	_, got, _ = strings.Cut(got, "\r\n\r\n")
	require.LessOrEqual(t, differing(t, got, body[:30]), 1)
	require.Contains(t, got+"~", "~")
}

// TestCorruptBySeed: the same delivery's attempt is corrupted in the same places in every run, another one in others.
func TestCorruptBySeed(t *testing.T) {
	body := strings.Repeat("x", 10_000)
	target := wiretest.Listen(t, wiretest.Answering(answerOf(body)))
	answer := func(seed, id string) string {
		p := start(t, "seed = "+seed+"\n[[rule]]\nname = \"x\"\ncorrupt = 20")
		_, got := p.one(t, wiretest.Post(target.Address(), "/hook", "{}", "Webhook-Id: "+id))
		require.Equal(t, 20, differing(t, got, body))
		return got
	}
	first := answer("1", "a")
	require.Equal(t, first, answer("1", "a"))
	require.NotEqual(t, first, answer("2", "a"))
	require.NotEqual(t, first, answer("1", "b"))
}

// TestCorruptLeavesAlone: what has nothing to corrupt passes as it is, and the record says so.
func TestCorruptLeavesAlone(t *testing.T) {
	tests := []struct {
		name, rule, method, target string
		want                       string
	}{
		{"no body", "corrupt = true", "POST", "HTTP/1.1 204 No Content\r\n\r\n", "corrupt: the answer has no body"},
		{"an empty body", "corrupt = true", "POST", answerOf(""), "corrupt: the answer has no body"},
		{"an empty body of unknown length", "corrupt = true", "POST", chunkedAnswer(), "corrupt: the answer has no body"},
		{"an answer to a PUT without one", "corrupt = { json = true }", "PUT", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", "corrupt: the answer has no body"},
		{"an empty one of ours", "corrupt = true\nstatus = 200", "POST", "", "corrupt: the answer has no body"},
		{"no JSON", "corrupt = { json = true }", "POST", answerOf("ok"), "corrupt: the body is no JSON"},
		{"encoded JSON", "corrupt = { json = true }", "POST", answerOf(`{"a":1}`, "Content-Encoding: br"), "corrupt: the body is encoded (br)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(tt.target))
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			for range 2 {
				sender.Send(strings.Replace(wiretest.Post(target.Address(), "/hook", "{}"), "POST", tt.method, 1))
				_, body := sender.Answer(tt.method)
				if tt.target != "" {
					require.True(t, strings.HasSuffix(tt.target, body) || body == "")
				}
			}
			for _, a := range p.journal.attempts(t, 2) {
				require.Equal(t, []string{tt.want}, a.LeftAlone)
				require.Equal(t, deliveries.Complete, a.End)
			}
		})
	}
}

// TestCorruptBrokenAnswers: an answer that breaks by itself breaks the same way.
func TestCorruptBrokenAnswers(t *testing.T) {
	for _, end := range []wiretest.Ended{wiretest.FIN, wiretest.RST} {
		for _, framing := range []string{"Content-Length: 10\r\n\r\n01234", "Transfer-Encoding: chunked\r\n\r\na\r\n01234"} {
			target := wiretest.Listen(t, func(c *wiretest.Conn) {
				if _, err := c.ReadRequest(); err != nil {
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+framing) // a proxy that has gone is seen by the sender
				if end == wiretest.RST {
					c.Reset()
				}
			})
			p := start(t, "[[rule]]\nname = \"x\"\ncorrupt = true")
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", "{}"))
			_, ended := sender.Rest(wiretest.Patience)
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, deliveries.ByTarget, a.EndedBy)
			require.Equal(t, end, ended)
		}
	}
}
