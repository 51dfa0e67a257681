package proxy_test

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestShutdown: what is held is freed at once, what the target is slow with is ended when the drain is over; all of it is recorded.
func TestShutdown(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		close(asked)
		_, _ = io.Copy(io.Discard, c) // never answers
	})
	p := start(t, "[[rule]]\nname = \"hang\"\nmatch.path = \"/hang\"\nhang = true")
	hung, slow := wiretest.Dial(t, p.address), wiretest.Dial(t, p.address)
	hung.Send(wiretest.Post(target.Address(), "/hang", "x"))
	slow.Send(wiretest.Post(target.Address(), "/slow", "x"))
	<-asked
	wait[*deliveries.Open](t, p.journal, 2)

	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	p.Shutdown(ctx)
	for _, sender := range []*wiretest.Sender{hung, slow} {
		got, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, got)
		require.Equal(t, wiretest.RST, ended)
	}
	for _, a := range p.journal.attempts(t, 2) {
		require.Equal(t, deliveries.Unanswered, a.Outcome)
		require.Equal(t, deliveries.Reset, a.End)
		require.Equal(t, deliveries.ByShutdown, a.EndedBy)
	}
	require.Equal(t, 0, p.Live().Connections)
	for stage, n := range p.Live().InFlight {
		require.Zero(t, n, stage)
	}
}

// TestShutdownInAnUpload: a request that is still coming in when the drain is over is reset, and recorded as that, whether or not its body is held.
func TestShutdownInAnUpload(t *testing.T) {
	for _, rule := range []string{"", "[[rule]]\nname = \"needs the key\"\nwhen.attempt = 99\nreset = true"} {
		target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
		p := start(t, rule)
		sender := wiretest.Dial(t, p.address)
		sender.Send("POST http://" + target.Address() + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\npart")
		for p.Live().InFlight["request"]+p.Live().InFlight["target"] == 0 {
			runtime.Gosched()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		p.Shutdown(ctx)
		cancel()
		_, ended := sender.Rest(wiretest.Patience)
		require.Equal(t, wiretest.RST, ended)
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, deliveries.Reset, a.End)
		require.Equal(t, deliveries.ByShutdown, a.EndedBy)
		require.Less(t, a.MS.Total, 2900.0, "not by the last resort, which comes 3 s later")
	}
}

// TestShutdownWhileConnecting: a CONNECT whose target is still being reached ends with the drain, as what it is.
func TestShutdownWhileConnecting(t *testing.T) {
	t.Parallel()
	p, sender := connecting(t)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	p.Shutdown(over)
	got, ended := sender.Rest(wiretest.Patience)
	require.Empty(t, got)
	require.Equal(t, wiretest.RST, ended)
	line := wait[*deliveries.Connect](t, p.journal, 1)[0]
	require.Equal(t, deliveries.Reset, line.End)
	require.Equal(t, "faultline is shutting down", line.Error)
}

// TestShutdownWhileAnswering: a sender that does not take its answer by the end of the drain is not waited for, and not said to have left.
func TestShutdownWhileAnswering(t *testing.T) {
	t.Parallel()
	flowing := make(chan struct{})
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
		for piece := strings.Repeat("x", 1<<20); ; {
			_ = c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
			if _, err := io.WriteString(c, piece); err != nil {
				break // nobody takes it any more
			}
		}
		close(flowing)
		_ = c.SetWriteDeadline(time.Time{})
		_, _ = io.Copy(io.Discard, c)
	})
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	<-flowing
	over, cancel := context.WithCancel(t.Context())
	cancel()
	p.Shutdown(over)
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, deliveries.Broken, a.Outcome)
	require.Equal(t, deliveries.Reset, a.End)
	require.Equal(t, deliveries.ByShutdown, a.EndedBy)
}
