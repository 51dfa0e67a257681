package proxy_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

// panicking is a journal and an observer that panic when they are shown the first attempt.
type panicking struct {
	proxy.Journal
	silent
	journal, observer bool
	done              atomic.Bool
}

func (p *panicking) Append(ctx context.Context, record deliveries.Record) error {
	if p.journal {
		p.first(record)
	}
	return p.Journal.Append(ctx, record)
}

func (p *panicking) Observe(record deliveries.Record, _ []scenario.Firing) {
	if p.observer {
		p.first(record)
	}
}

func (p *panicking) first(record deliveries.Record) {
	if _, attempt := record.(*deliveries.Attempt); attempt && p.done.CompareAndSwap(false, true) {
		panic("provoked")
	}
}

// TestPanics: an attempt that panics fails, alone, and is counted; the sender never sees it whole, and neither does the log.
func TestPanics(t *testing.T) {
	tests := []struct {
		name, answer      string
		journal, observer bool
		amended           bool
	}{
		{name: "before the record", answer: wiretest.OK, journal: true},
		{name: "after the record", answer: wiretest.OK, observer: true, amended: true},
		{name: "after the record, chunked", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", observer: true, amended: true},
		{name: "before a switch of protocols", answer: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", journal: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			provoked := func(c *proxy.Config) {
				p := &panicking{Journal: c.Journal, journal: tt.journal, observer: tt.observer}
				c.Journal, c.Observer = p, p
			}
			everywhere(t, thenOK(tt.answer), func(t *testing.T, s *scene) {
				bystander, sender := s.enter(), s.enter()
				sender.Send(s.post("/hook", "body", "Connection: Upgrade", "Upgrade: x"))
				got, ended := sender.Rest(wiretest.Patience)
				require.Equal(t, wiretest.RST, ended)
				require.False(t, strings.HasSuffix(got, "\r\n\r\nok"), got)
				require.NotContains(t, got, "\r\n0\r\n")
				require.Equal(t, "panic", <-s.p.refused)

				s.stillServes(bystander)
				require.Empty(t, s.p.refused)
				if tt.amended {
					amend := wait[*deliveries.Amend](t, s.p.journal, 1)[0]
					require.Equal(t, []any{deliveries.Broken, deliveries.Reset, deliveries.ByProxy}, []any{amend.Outcome, amend.End, amend.EndedBy})
					require.Equal(t, amend.ID, s.p.journal.attempts(t, 2)[0].ID)
				} else {
					s.p.journal.attempts(t, 1)
				}
			}, provoked)
		})
	}
}

// TestPanicInAHandshake: what makes certificates may panic, too; only that CONNECT fails.
func TestPanicInAHandshake(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[tls]\nintercept = [\"127.0.0.1\"]", opening(authority), func(c *proxy.Config) {
		c.Leaf = func(string) (*tlsCertificate, error) { panic("provoked") }
	})
	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo(target.Address()))
	sender.Answer("CONNECT")
	require.Error(t, sender.TrySecure("127.0.0.1", authority.Pool()))
	require.Equal(t, "panic", <-p.refused)
	status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
	require.Equal(t, 200, status)
}

// TestPanicOnATakenConnection: the server closes no connection that was taken from it: that is done all the same.
func TestPanicOnATakenConnection(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"x\"\nhang = { for = \"1ms\" }", func(c *proxy.Config) {
		c.Journal = &panicking{Journal: c.Journal, journal: true}
	})
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(wiretest.RefusingPort(t), "/hook", "x"))
	got, ended := sender.Rest(wiretest.Patience)
	require.Empty(t, got)
	require.Equal(t, wiretest.RST, ended)
	require.Equal(t, "panic", <-p.refused)
	shutdown(t, p)
	require.Zero(t, p.Live().Connections)
}

// TestPanicBetweenAttempts: what comes before an attempt may panic, too, and fails its connection alone.
func TestPanicBetweenAttempts(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "", func(c *proxy.Config) {
		refused := c.Refused
		c.Refused = func(reason string) {
			if reason == "malformed" {
				panic("provoked")
			}
			refused(reason)
		}
	})
	sender := wiretest.Dial(t, p.address)
	sender.Send("no request\r\n\r\n")
	got, ended := sender.Rest(wiretest.Patience)
	require.Empty(t, got)
	require.Equal(t, wiretest.RST, ended)
	require.Equal(t, "panic", <-p.refused)
	status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
	require.Equal(t, 200, status)
}
