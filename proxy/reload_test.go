package proxy_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/scenario"
)

// revision is a scenario text, read.
func revision(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	rules, problems := scenario.Parse("test.toml", text, fstest.MapFS{})
	require.Empty(t, problems)
	return rules
}

// TestReloadKeepsCounts: a rule of the same name and an equal table goes on counting, whatever stands around it; any other begins anew.
func TestReloadKeepsCounts(t *testing.T) {
	const rule = "[[rule]]\nname = \"x\"\nwhen.times = 3\nstatus = 503\n"
	tests := []struct {
		name string
		next string
		want []int // of five more attempts, after two
	}{
		{"the same text", rule, []int{503, 200, 200, 200, 200}},
		{"comments, order of keys, another rule", "# a comment\n[[rule]]\nname = \"y\"\nmatch.path = \"/y\"\nstatus = 500\n" +
			"[[rule]]\nstatus = 503 # here\nname = \"x\"\n[rule.when]\ntimes = 3\n", []int{503, 200, 200, 200, 200}},
		{"another table", "[[rule]]\nname = \"x\"\nwhen.times = 3\nstatus = 500\n", []int{500, 500, 500, 200, 200}},
		{"another name", "[[rule]]\nname = \"z\"\nwhen.times = 3\nstatus = 503\n", []int{503, 503, 503, 200, 200}},
		{"nothing", "", []int{200, 200, 200, 200, 200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
			p := start(t, rule)
			sender := wiretest.Dial(t, p.address)
			ask := func() int {
				sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
				resp, _ := sender.Answer("POST")
				return resp.StatusCode
			}
			require.Equal(t, []int{503, 503}, []int{ask(), ask()})
			p.Reload(revision(t, tt.next))
			got := make([]int, len(tt.want))
			for i := range got {
				got[i] = ask()
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// TestReloadBackAndForth: a rule that was away for a revision begins anew.
func TestReloadBackAndForth(t *testing.T) {
	const rule = "[[rule]]\nname = \"x\"\nwhen.times = 1\nstatus = 503\n"
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, rule)
	for range 2 {
		status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
		require.Equal(t, 503, status)
		p.Reload(revision(t, ""))
		p.Reload(revision(t, rule))
	}
}

// TestReloadUnderWay: an attempt ends under the revision that it was decided under, and says so.
func TestReloadUnderWay(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "name = \"first\"\n[[rule]]\nname = \"x\"\nlatency = \"300ms\"\nstatus = 503")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	require.Eventually(t, func() bool { return p.Live().InFlight["held"] == 1 }, wiretest.Patience, time.Millisecond)
	p.Reload(revision(t, "name = \"second\""))
	resp, _ := sender.Answer("POST")
	require.Equal(t, 503, resp.StatusCode)
	require.Contains(t, p.journal.attempts(t, 1)[0].Scenario, "first@")
	status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
	require.Equal(t, 200, status)
}

// TestReloadUnderLoad: whatever is reloaded under load, every attempt is decided by one revision, wholly; a rule that all revisions share fires as often as
// it says, and its numbers have no gap.
func TestReloadUnderLoad(t *testing.T) {
	const shared = "[[rule]]\nname = \"shared\"\nmatch.path = \"/shared\"\nwhen.times = 50\nstatus = 418\n"
	text := func(n int) string {
		return fmt.Sprintf("name = \"r%[1]d\"\n%[2]s[[rule]]\nname = \"wait %[1]d\"\nlatency = \"1ms\"\n[[rule]]\nname = \"code %[1]d\"\nstatus = %[3]d\n", n, shared, 500+n%50)
	}
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, text(0))
	stop := make(chan struct{})
	var senders sync.WaitGroup
	for i := range 16 {
		sender := wiretest.Dial(t, p.address)
		path := "/own"
		if i%2 == 0 {
			path = "/shared"
		}
		senders.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				sender.Send(wiretest.Post(target.Address(), path, "x"))
				sender.Answer("POST")
			}
		})
	}
	for n := range 200 {
		p.Reload(revision(t, text(n+1)))
	}
	close(stop)
	senders.Wait()

	fired := 0
	for _, a := range attempts(p.journal) {
		if a.Rules[0] == "shared" {
			fired++
			require.Equal(t, 418, a.Answer.Status)
			continue
		}
		var n int
		_, err := fmt.Sscanf(a.Scenario, "r%d@", &n)
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf("wait %d", n), fmt.Sprintf("code %d", n)}, a.Rules)
		require.Equal(t, 500+n%50, a.Answer.Status)
	}
	require.Equal(t, 50, fired)
}

// attempts are all that were recorded so far.
func attempts(j *journal) []*deliveries.Attempt {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []*deliveries.Attempt
	for _, r := range j.records {
		if a, ok := r.(*deliveries.Attempt); ok {
			all = append(all, a)
		}
	}
	return all
}

// TestPhaseJump: an operator may begin a phase at any time; the clock can be started anew.
func TestPhaseJump(t *testing.T) {
	p := start(t, "[[phase]]\nname = \"fine\"\nfor = \"1h\"\n[[phase]]\nname = \"outage\"\nfor = \"1h\"\n[[phase]]\nname = \"after\"\n"+
		"[[rule]]\nname = \"x\"\nwhen.phase = \"outage\"\nstatus = 503")
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	ask := func() int {
		status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
		return status
	}
	require.Equal(t, 200, ask())
	require.False(t, p.JumpTo("nowhere"))
	require.True(t, p.JumpTo("outage"))
	name, since := p.Phase()
	require.Equal(t, "outage", name)
	require.WithinDuration(t, time.Now(), since, wiretest.Patience)
	require.Equal(t, 503, ask())
	require.True(t, p.JumpTo("after"))
	require.Equal(t, 200, ask())
	p.RestartClock()
	name, _ = p.Phase()
	require.Equal(t, "fine", name)
}
