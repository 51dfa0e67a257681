package e2e

import (
	"fmt"
	"iter"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/explain"
)

// What explain says of a logged attempt is what the proxy did: every attempt of a run, decided again, meets the rules that the log names.
func TestExplainAgreesWithTheProxy(t *testing.T) {
	t.Parallel()
	proxy := start(t, `
		seed = 7
		log.bodies = "full"
		[delivery]
		match.host = "127.0.0.1"
		[[phase]]
		name = "all of it"
		[[rule]]
		name = "every seventh"
		when.every = 7
		when.times = 5
		status = 502
		[[rule]]
		name = "first attempts of some"
		match.json.event = "e2e"
		match.header.Webhook-Id = ["wh_1*", "wh_2*"]
		when.attempt = 1
		status = 503
		[[rule]]
		name = "one in three, in one of two ways"
		when.chance = "33%"
		when.phase = "all of it"
		one_of = [{ weight = 2, status = 500 }, { close = true }]
		[[rule]]
		name = "by the target's answer"
		match.response = "2xx"
		when.nth = "3-"
		when.times = 4
		reset = true`)
	target := harness.NewTarget(t, nil)
	sender := newSender(t, proxy)
	for i := range 30 {
		for range 3 {
			sender.result(target.URL+"/hook", fmt.Sprintf("wh_%d", i))
		}
	}
	proxy.Stop(t)

	log := func() iter.Seq2[deliveries.Record, error] { return deliveries.Read(proxy.Log.Dir) }
	fired := map[string]int{}
	for _, line := range proxy.Log.Attempts(t) {
		account, err := explain.Logged(log, line.ID, nil)
		require.NoError(t, err)
		require.Empty(t, account.Notes, "attempt %s", line.ID)
		require.Equal(t, len(line.Rules), len(account.Attempts[0].Fired()))
		for _, rule := range line.Rules {
			fired[rule]++
		}
	}
	require.Len(t, fired, 4, "every rule has fired, or there is nothing to agree about: %v", fired)

	out, err := exec.Command(binaries.Race, "explain", "--from", proxy.Log.Dir, "--id", "wh_3").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Regexp(t, `(?s)key wh_3 \(header:Webhook-Id\).*attempt 1 .*phase all of it\n.*attempt 3 .*plan `, string(out))
}
