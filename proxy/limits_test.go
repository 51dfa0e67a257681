package proxy_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// TestHeldLimit: beyond limits.held an attempt is not held but answered 503 with a reason, and its record names no fault; a held sender that
// leaves makes room by the time its attempt is recorded.
func TestHeldLimit(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	for _, rule := range []string{"hang = true", `latency = "1h"`} {
		p := start(t, "[[rule]]\nname = \"x\"\n"+rule, func(c *proxy.Config) { c.Limits.Held = 1 })
		first := wiretest.Dial(t, p.address)
		first.Send(wiretest.Post(target.Address(), "/hook", "1"))
		wait[*deliveries.Open](t, p.journal, 1)

		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "2"))
		resp, body := sender.Answer("POST")
		require.Equal(t, 503, resp.StatusCode)
		require.Contains(t, body, "limits.held")
		require.Equal(t, "held", <-p.refused)
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, deliveries.Rejected, a.Outcome)
		require.Equal(t, deliveries.ByProxy, a.EndedBy)
		require.Empty(t, a.Faults)

		require.NoError(t, first.Conn.Close())
		p.journal.attempts(t, 2)
		third := wiretest.Dial(t, p.address)
		third.Send(wiretest.Post(target.Address(), "/hook", "3"))
		wait[*deliveries.Open](t, p.journal, 2)
	}
}

// TestSigns: which answers say that they are faultline's.
func TestSigns(t *testing.T) {
	down := wiretest.RefusingPort(t)
	tests := []struct {
		signs         proxy.Signs
		own, injected string // Proxy-Status
		rule          []string
	}{
		{signs: proxy.SignErrors, own: "faultline-test; error=connection_refused"},
		{signs: proxy.SignAll, own: "faultline-test; error=connection_refused", injected: "faultline-test; error=proxy_internal_response", rule: []string{`"x"`}},
		{signs: proxy.SignNone},
	}
	for _, tt := range tests {
		t.Run(string(tt.signs), func(t *testing.T) {
			for fault, status := range map[string]int{"status = 500": 500, "redirect = \"loop\"": 307, "truncate = true": 200, "stall = { for = \"10ms\" }": 200} {
				p := start(t, "[[rule]]\nname = \"x\"\nmatch.path = \"/injected\"\n"+fault, func(c *proxy.Config) { c.Signs = tt.signs })
				sender := wiretest.Dial(t, p.address)
				sender.Send(wiretest.Post(down, "/down", "x"))
				resp, _ := sender.Answer("POST")
				require.Equal(t, 502, resp.StatusCode)
				require.Equal(t, tt.own, resp.Header.Get("Proxy-Status"))
				sender.Send(wiretest.Post(down, "/injected", "x"))
				require.NoError(t, sender.Conn.SetReadDeadline(time.Now().Add(wiretest.Patience)))
				resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
				require.NoError(t, err)
				require.Equal(t, status, resp.StatusCode)
				require.Equal(t, tt.injected, resp.Header.Get("Proxy-Status"), fault)
				require.Equal(t, tt.rule, resp.Header["X-Faultline-Rule"], fault)
				require.NotContains(t, resp.Header, "Via")
			}
		})
	}
}
