package proxy_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// TestRateLimit: within the limit the sender sees the target, over it a whole answer with the true Retry-After; the record of the one names no fault.
func TestRateLimit(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"one an hour\"\nrate_limit = { limit = 1, per = \"1h\", code = 429 }")
	begun := time.Now()
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "1"))
	resp, body := sender.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "ok", body)

	sender.Send(wiretest.Post(target.Address(), "/hook", "2"))
	resp, body = sender.Answer("POST")
	require.Equal(t, 429, resp.StatusCode)
	require.Empty(t, body)
	after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	require.NoError(t, err)
	require.LessOrEqual(t, after, 3600)
	require.GreaterOrEqual(t, time.Duration(after)*time.Second, time.Hour-time.Since(begun))
	require.Len(t, target.Requests(), 1)

	attempts := p.journal.attempts(t, 2)
	require.Equal(t, deliveries.Acknowledged, attempts[0].Outcome)
	require.Empty(t, attempts[0].Rules)
	require.Empty(t, attempts[0].Faults)
	require.Equal(t, deliveries.Rejected, attempts[1].Outcome)
	require.Equal(t, deliveries.None, attempts[1].Reached)
	require.Equal(t, []string{"one an hour"}, attempts[1].Rules)
	require.Equal(t, []string{"rate_limit"}, attempts[1].Faults)
	require.Equal(t, int64(after)*1000, *attempts[1].Answer.RetryAfterMS)
}

// TestRateLimitAtOnce: as many pass as the bucket holds, however many come at once.
func TestRateLimitAtOnce(t *testing.T) {
	const holds = 5
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"x\"\nrate_limit = { limit = "+itoa(holds)+", per = \"1h\" }")
	var senders [64]*wiretest.Sender
	for n := range senders {
		senders[n] = wiretest.Dial(t, p.address)
		senders[n].Send(wiretest.Post(target.Address(), "/hook", itoa(n)))
	}
	said := map[int]int{}
	for _, sender := range senders {
		resp, _ := sender.Answer("POST")
		said[resp.StatusCode]++
	}
	require.Equal(t, map[int]int{200: holds, 429: len(senders) - holds}, said)
	require.Len(t, target.Requests(), holds)
}

// TestRetryAfterIsTrueWhenItIsRead: what the sender is told counts from the answer, also when the attempt was held back before it, by whatever clock.
func TestRetryAfterIsTrueWhenItIsRead(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, `
[[rule]]
name = "slow"
match.path = "/slow"
latency = "1100ms"
[[rule]]
name = "one in three seconds"
rate_limit = { limit = 1, per = "3s" }
`, func(c *proxy.Config) { c.Shift = -time.Hour })
	status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "1"))
	require.Equal(t, 200, status)
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/slow", "2"))
	resp, _ := sender.Answer("POST")
	require.Equal(t, 429, resp.StatusCode)
	require.Contains(t, []string{"1", "2"}, resp.Header.Get("Retry-After"))
}

// TestCapacity: what is taken in is answered by the target after its wait and its work, what is not is answered at once; all of them have met the fault.
func TestCapacity(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"x\"\ncapacity = { workers = 1, work = \"250ms\", queue = 1, retry_after = \"1500ms\" }")
	begun := time.Now()
	var senders [3]*wiretest.Sender
	for n := range senders {
		senders[n] = wiretest.Dial(t, p.address)
		senders[n].Send(wiretest.Post(target.Address(), "/hook", itoa(n)))
	}
	for _, sender := range senders {
		if resp, _ := sender.Answer("POST"); resp.StatusCode != 200 {
			require.Equal(t, 503, resp.StatusCode)
			require.Equal(t, "2", resp.Header.Get("Retry-After"))
		}
	}
	require.GreaterOrEqual(t, time.Since(begun), 500*time.Millisecond)
	require.Len(t, target.Requests(), 2)

	attempts := p.journal.attempts(t, 3)
	require.Equal(t, deliveries.Rejected, attempts[0].Outcome)
	require.Equal(t, deliveries.None, attempts[0].Reached)
	require.Less(t, attempts[0].MS.Total, 250.0)
	for _, a := range attempts[1:] {
		require.Equal(t, deliveries.Acknowledged, a.Outcome)
		require.GreaterOrEqual(t, a.MS.Total, 250.0)
	}
	for _, a := range attempts {
		require.Equal(t, []string{"capacity"}, a.Faults)
	}
}

// TestCapacityWorksOn: a sender that leaves has taken its place all the same.
func TestCapacityWorksOn(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"x\"\ncapacity = { workers = 1, work = \"1h\", queue = 0 }")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "1"))
	require.NoError(t, sender.Conn.Close())
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, deliveries.Silence, a.End)
	require.Equal(t, []string{"capacity"}, a.Faults)

	status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "2"))
	require.Equal(t, 503, status)
	require.Empty(t, target.Requests())
}
