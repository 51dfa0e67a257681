package e2e

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/sender"
)

// Two real senders with different policies behind one proxy: each policy is told, with the endpoint that it belongs to, and no other. It is not run beside others:
// what it looks at is time.
func TestTwoPoliciesInOneLog(t *testing.T) {
	target := harness.NewTarget(t, nil)
	proxy := start(t, "[[rule]]\nname = \"down\"\nstatus = 503\n")
	via, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	policies := map[string]string{"/steady": "constant 1s 4", "/doubling": "exponential 400ms x2 5"}
	var senders sync.WaitGroup
	for path, text := range policies {
		policy, err := sender.ParsePolicy(text)
		require.NoError(t, err)
		policy.Timeout = time.Minute
		var hooks []sender.Webhook
		for i := range 12 {
			hooks = append(hooks, sender.Webhook{URL: target.URL + path, ID: fmt.Sprint(path[1:], "-", i), Body: fmt.Appendf(nil, `{"event":"%s %d"}`, path, i)})
		}
		senders.Go(func() { sender.New(sender.Config{Policy: policy, Proxy: via}).Run(t.Context(), hooks, len(hooks)) })
	}
	senders.Wait()
	proxy.Stop(t)

	v, _ := check(t, proxy.Log.Dir)
	require.Len(t, v.Policies, 2, "%+v", v)
	told := make(map[string]policy)
	for _, p := range v.Policies {
		told[p.Of] = p.policy
	}
	t.Logf("told: %+v", told)
	steady, doubling := told["endpoint "+target.URL+"/steady"], told["endpoint "+target.URL+"/doubling"]
	require.Equal(t, "constant none 4", fmt.Sprint(steady.Shape, " ", steady.Jitter, " ", steady.Attempts))
	require.InDelta(t, 1000, steady.First, 100)
	require.Equal(t, "exponential none 5", fmt.Sprint(doubling.Shape, " ", doubling.Jitter, " ", doubling.Attempts))
	require.InDelta(t, 400, doubling.First, 60)
	require.InDelta(t, 2, doubling.Factor, 0.1)
	require.Empty(t, v.Policy.Shape)
}
