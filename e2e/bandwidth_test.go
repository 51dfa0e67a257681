package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// late is how late so many short waits make this machine, all together.
func late(waits int, wait time.Duration) time.Duration {
	begun := time.Now()
	for range waits {
		<-time.After(wait)
	}
	return time.Since(begun) - time.Duration(waits)*wait
}

// TestBandwidth: over five seconds a rate is kept to within 5 %, up, down, and through a tunnel; a machine that is busy may add what it is late.
func TestBandwidth(t *testing.T) {
	t.Parallel()
	const rate, size = 256 << 10, 5 * 256 << 10
	body := strings.Repeat("x", size)
	large := "HTTP/1.1 200 OK\r\nContent-Length: 1310720\r\n\r\n" + body
	for _, test := range []struct {
		name, rule, answer string
		tunnel             bool
		body               string
	}{
		{name: "down", rule: `down = "256KiB/s"`, answer: large},
		{name: "up", rule: `up = "256KiB/s"`, answer: wiretest.OK, body: body},
		{name: "down a tunnel", rule: `down = "256KiB/s"`, answer: large, tunnel: true},
		{name: "up a tunnel", rule: `up = "256KiB/s"`, answer: wiretest.OK, tunnel: true, body: body},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := wiretest.Listen(t, func(c *wiretest.Conn) {
				r, err := http.ReadRequest(c.Reader())
				if err != nil {
					return
				}
				if n, err := io.Copy(io.Discard, r.Body); err == nil && n == int64(len(test.body)) {
					_, _ = io.WriteString(c, test.answer) // a proxy that has gone is seen by the sender
				}
			})
			proxy := start(t, "[[rule]]\nname = \"slow\"\nbandwidth = { "+test.rule+" }")
			sender := wiretest.Dial(t, strings.TrimPrefix(proxy.URL, "http://"))
			if test.tunnel {
				sender.Send("CONNECT " + target.Address() + " HTTP/1.1\r\nHost: " + target.Address() + "\r\n\r\n")
				sender.Answer("CONNECT")
			}
			begun, lateness := time.Now(), make(chan time.Duration, 1)
			go func() { lateness <- late(500, 10*time.Millisecond) }()
			sender.Send(wiretest.Post(target.Address(), "/hook", test.body))
			require.NoError(t, sender.Conn.SetReadDeadline(time.Now().Add(wiretest.Patience)))
			_, err := io.ReadFull(sender.Reader(), make([]byte, len(test.answer)))
			require.NoError(t, err)
			took := time.Since(begun).Seconds()
			require.GreaterOrEqual(t, took, size/rate*0.95)
			require.LessOrEqual(t, took, size/rate*1.05+(<-lateness).Seconds())
		})
	}
}
