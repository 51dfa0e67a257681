package proxy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// TestSilentSenders: a sender may say nothing for as long as it likes, before its first request and between two; a head that was begun must come to its end.
func TestSilentSenders(t *testing.T) {
	const wait = 200 * time.Millisecond
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		for range 2 {
			_, ended := sender.Rest(2 * wait)
			require.Equal(t, wiretest.Open, ended)
			sender.Send(s.post("/hook", "x"))
			resp, _ := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
		}
		begun := time.Now()
		sender.Send("PO")
		got, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, got)
		require.Equal(t, wiretest.FIN, ended)
		require.GreaterOrEqual(t, time.Since(begun), wait)

		fresh := s.enter()
		fresh.Send(s.line("POST", "/hook") + " HTTP/1.1\r\nHost:")
		_, ended = fresh.Rest(wiretest.Patience)
		require.Equal(t, wiretest.FIN, ended)
	}, func(c *proxy.Config) { c.Limits.HeadWait = wait })
}
