package proxy_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// numbered answers each connection with its number, and goes on with it.
func numbered(c *wiretest.Conn) {
	for {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		if _, err := io.WriteString(c, answerOf(itoa(c.Number))); err != nil {
			return
		}
	}
}

// TestDuplicate: the target gets the same request so many times, each on a connection of its own; the sender sees the answer to the first, once.
func TestDuplicate(t *testing.T) {
	const body = `{"id":7}`
	large := padded(`{"id":8}`, 200_000)
	tests := []struct {
		name, rule, body string
		header           []string
		chunked          bool
		times            int
		answer           string // what the sender sees
	}{
		{name: "twice", rule: "duplicate = true", body: body, times: 2, answer: "1"},
		{name: "thrice", rule: "duplicate = 3", body: body, times: 3, answer: "1"},
		{name: "apart", rule: `duplicate = { apart = "30ms" }`, body: body, times: 2, answer: "1"},
		{name: "by two rules", rule: "duplicate = 2\n[[rule]]\nname = \"y\"\nduplicate = 3", body: body, times: 4, answer: "1"},
		{name: "chunked", rule: "duplicate = 2", body: body, chunked: true, times: 2, answer: "1"},
		{name: "large", rule: "duplicate = 2", body: large, times: 2, answer: "1"},
		{name: "asked for first", rule: "duplicate = 2", body: body, header: []string{"Expect: 100-continue"}, times: 2, answer: "1"},
		{name: "without a body", rule: "duplicate = 2", body: "", times: 2, answer: "1"},
		{name: "slow", rule: "duplicate = 2\nbandwidth = { up = \"1000B/s\" }", body: padded("", 100), times: 2, answer: "1"},
		{name: "rewritten", rule: "duplicate = 2\nrewrite = { json_set = { id = 8 } }", body: body, times: 2, answer: "1"},
		{name: "acknowledgement lost", rule: "duplicate = 2\ndeliver_first = true\nreset = true", body: body, times: 2},
		{name: "a fault in place of the target", rule: "duplicate = 2\nstatus = { code = 200, body = \"own\" }", body: body, times: 0, answer: "own"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := wiretest.Listen(t, numbered)
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			request := wiretest.Post(target.Address(), "/hook", tt.body, tt.header...)
			if tt.chunked {
				head, _, _ := strings.Cut(request, "Content-Length")
				request = head + "Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n" + tt.body + "\r\n0\r\nX-Sum: 1\r\n\r\n"
			}
			sender.Send(request)
			if tt.answer == "" {
				_, ended := sender.Rest(wiretest.Patience)
				require.Equal(t, wiretest.RST, ended)
			} else {
				resp, got := sender.Answer("POST")
				if resp.StatusCode == 100 {
					_, got = sender.Answer("POST")
				}
				require.Equal(t, tt.answer, got)
			}
			requests := target.Requests()
			require.Len(t, requests, tt.times)
			require.Equal(t, tt.times, target.Connections())
			for _, raw := range requests {
				require.Equal(t, requests[0], raw)
				require.Equal(t, strings.ReplaceAll(tt.body, "7", map[bool]string{true: "8", false: "7"}[tt.name == "rewritten"]), bodyOf(t, raw))
			}
			a := p.journal.attempts(t, 1)[0]
			require.Len(t, a.Copies, max(0, tt.times-1))
			for _, c := range a.Copies {
				require.Equal(t, 200, c.Status)
				require.True(t, *c.Delivered)
				require.Equal(t, int64(1), c.Bytes)
				require.Equal(t, target.Address(), c.Addr)
				require.Empty(t, c.Error)
			}
			require.Equal(t, tt.times, a.Successes())
			require.Equal(t, int64(len(tt.body)), a.Request.Bytes)
		})
	}
}

// TestDuplicateOneByOne: a target that serves one connection after the other, and keeps each open while it likes, is not waited for in vain; connections of
// earlier attempts are no matter, and are there again afterwards.
func TestDuplicateOneByOne(t *testing.T) {
	turn := make(chan struct{}, 1)
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		turn <- struct{}{}
		defer func() { <-turn }()
		for {
			raw, err := c.ReadRequest()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, answerOf(padded(itoa(c.Number), 100_000))) // a proxy that has gone is seen by the sender
			if strings.Contains(raw, "Connection: close") {
				return
			}
		}
	})
	p := start(t, "[[rule]]\nname = \"x\"\nmatch.path = \"/twice\"\nduplicate = true")
	sender := wiretest.Dial(t, p.address)
	for i, path := range []string{"/once", "/twice", "/once", "/twice"} {
		sender.Send(wiretest.Post(target.Address(), path, "{}"))
		_, got := sender.Answer("POST")
		require.Equal(t, []string{"1", "1", "3", "3"}[i], got[:1])
	}
	attempts := p.journal.attempts(t, 4)
	require.Equal(t, []bool{false, true, false, true}, []bool{attempts[0].Target.Reused, attempts[1].Target.Reused, attempts[2].Target.Reused, attempts[3].Target.Reused})
	require.Len(t, attempts[3].Copies, 1)
}

// TestDuplicateAnswers: the record has what the target made of each, whatever the sender was shown.
func TestDuplicateAnswers(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		switch c.Number {
		case 1:
			_, _ = io.WriteString(c, wiretest.OK) // as above
		case 2:
			_, _ = io.WriteString(c, "HTTP/1.1 409 Conflict\r\nContent-Length: 3\r\n\r\ndup")
		case 3:
			c.Reset()
		}
	})
	p := start(t, "[[rule]]\nname = \"x\"\nduplicate = { copies = 3, apart = \"50ms\" }")
	begun := time.Now()
	status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "{}"))
	require.Equal(t, 200, status)
	require.GreaterOrEqual(t, time.Since(begun), 100*time.Millisecond)
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, deliveries.Acknowledged, a.Outcome)
	require.True(t, *a.Delivered)
	require.GreaterOrEqual(t, a.MS.Total-a.MS.Target, 90.0, "the copies are no part of what the target took")
	require.Equal(t, 1, a.Successes())
	require.Equal(t, []int{409, 0}, []int{a.Copies[0].Status, a.Copies[1].Status})
	require.Equal(t, int64(3), a.Copies[0].Bytes)
	require.False(t, *a.Copies[0].Delivered)
	require.Nil(t, a.Copies[1].Delivered, "it got all, and nobody knows its answer")
	require.Contains(t, a.Copies[1].Error, "reset")
}

// TestDuplicateTargetDown: what could not be delivered once is not delivered more often.
func TestDuplicateTargetDown(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"x\"\nduplicate = true")
	status, _ := p.one(t, wiretest.Post(wiretest.RefusingPort(t), "/hook", "{}"))
	require.Equal(t, 502, status)
	require.Empty(t, p.journal.attempts(t, 1)[0].Copies)
}

// TestDuplicateLeavesAlone: what cannot be sent again from memory is sent once, and the record says so.
func TestDuplicateLeavesAlone(t *testing.T) {
	large := padded("", 5000)
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"x\"\nduplicate = true", func(c *proxy.Config) { c.Limits.Body = 1000 })
	status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", large))
	require.Equal(t, 200, status)
	require.Equal(t, large, bodyOf(t, target.Requests()[0]))
	require.Len(t, target.Requests(), 1)
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, []string{"duplicate: the body is larger than limits.body"}, a.LeftAlone)
	require.Empty(t, a.Copies)

	switches := wiretest.Listen(t, once("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"))
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(switches.Address(), "/hook", "", "Connection: Upgrade", "Upgrade: x"))
	a = p.journal.attempts(t, 2)[1]
	require.Equal(t, []string{"duplicate: the request asks for another protocol"}, a.LeftAlone)
	require.Equal(t, 1, switches.Connections())
}

// TestDuplicateEnds: copies whose time has not come, and those that the target does not answer, are no reason to stay: not for a sender that leaves, nor when
// faults are lifted, nor when the drain is over.
func TestDuplicateEnds(t *testing.T) {
	t.Parallel()
	silentCopies := func(t *testing.T, copied chan struct{}) *wiretest.Target {
		return wiretest.Listen(t, func(c *wiretest.Conn) {
			if _, err := c.ReadRequest(); err != nil {
				return
			}
			if c.Number == 1 {
				_, _ = io.WriteString(c, wiretest.OK) // as above
				return
			}
			copied <- struct{}{}
			_, _ = io.Copy(io.Discard, c) // never answers
		})
	}
	t.Run("the sender leaves", func(t *testing.T) {
		copied := make(chan struct{}, 1)
		target := silentCopies(t, copied)
		p := start(t, "[[rule]]\nname = \"x\"\nduplicate = { copies = 3, apart = \"1h\" }\n[[rule]]\nname = \"y\"\nduplicate = true")
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "{}", "Webhook-Id: wh_1"))
		wait[*deliveries.Open](t, p.journal, 1)
		require.NoError(t, sender.Conn.Close())
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, deliveries.Unanswered, a.Outcome)
		require.Equal(t, deliveries.BySender, a.EndedBy)
		require.Nil(t, a.Answer)
		require.True(t, *a.Delivered)
		require.Empty(t, a.Copies, "their time has not come")
	})
	t.Run("the sender leaves a copy under way", func(t *testing.T) {
		copied := make(chan struct{}, 1)
		target := silentCopies(t, copied)
		p := start(t, "[[rule]]\nname = \"x\"\nduplicate = true")
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "{}"))
		<-copied
		require.NoError(t, sender.Conn.Close())
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, deliveries.Unanswered, a.Outcome)
		require.Len(t, a.Copies, 1)
		require.Nil(t, a.Copies[0].Delivered)
	})
	t.Run("faults are lifted", func(t *testing.T) {
		target := wiretest.Listen(t, numbered)
		p := start(t, "[[rule]]\nname = \"x\"\nduplicate = { apart = \"1h\" }")
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "{}", "Webhook-Id: wh_1"))
		wait[*deliveries.Open](t, p.journal, 1)
		p.LiftFaults()
		_, got := sender.Answer("POST")
		require.Equal(t, "1", got)
		require.Len(t, target.Requests(), 1)
		require.Empty(t, p.journal.attempts(t, 1)[0].Copies)
	})
	t.Run("the drain", func(t *testing.T) {
		copied := make(chan struct{}, 1)
		target := silentCopies(t, copied)
		p := start(t, "[[rule]]\nname = \"x\"\nduplicate = true")
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "{}"))
		<-copied
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		p.Shutdown(ctx)
		_, ended := sender.Rest(wiretest.Patience)
		require.Equal(t, wiretest.RST, ended)
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, deliveries.ByShutdown, a.EndedBy)
		require.Len(t, a.Copies, 1)
		require.True(t, *a.Delivered)
	})
	t.Run("the drain waits for a copy", func(t *testing.T) {
		answer, copied := make(chan struct{}), make(chan struct{})
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			if _, err := c.ReadRequest(); err != nil {
				return
			}
			if c.Number > 1 {
				close(copied)
				<-answer
			}
			_, _ = io.WriteString(c, wiretest.OK) // as above
		})
		p := start(t, "[[rule]]\nname = \"x\"\nduplicate = true")
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "{}"))
		<-copied
		time.AfterFunc(50*time.Millisecond, func() { close(answer) })
		shutdown(t, p)
		_, got := sender.Answer("POST")
		require.Equal(t, "ok", got)
		require.Equal(t, 2, p.journal.attempts(t, 1)[0].Successes())
	})
}

// TestDuplicateEverywhere: a copy looks like the first behind every door, over TLS too.
func TestDuplicateEverywhere(t *testing.T) {
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			under(t, "[[rule]]\nname = \"x\"\nduplicate = true", d, numbered, func(t *testing.T, s *scene) {
				sender := s.enter()
				for i := range 2 {
					sender.Send(s.post("/hook", `{"a":1}`))
					_, got := sender.Answer("POST")
					require.Equal(t, itoa(2*i+1), got)
				}
				requests := s.target.Requests()
				require.Len(t, requests, 4)
				for _, raw := range requests {
					require.Equal(t, requests[0], raw)
				}
			})
		})
	}
}
