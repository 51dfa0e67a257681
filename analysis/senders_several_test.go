package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// place is where the deliveries of one of several senders come from and go to.
type place struct{ client, host, path string }

// put gives the attempts of a log a place, and keys and bodies of their own.
func (p place) put(records []deliveries.Record, name string) []deliveries.Record {
	for _, r := range records {
		switch r := r.(type) {
		case *deliveries.Attempt:
			r.Delivery, r.Key, r.ID, r.Run = name+r.Delivery, name+r.Key, name+r.ID, name+r.Run
			r.Request.SHA256 = name + r.Request.SHA256
			r.Client, r.Host, r.Endpoint = p.client+":40000", p.host, "http://"+p.host+p.path
		case *deliveries.Other:
			r.Run = name + r.Run
		}
	}
	return records
}

// crowdNamed is one of the nine.
func crowdNamed(t *testing.T, name string) crowd {
	t.Helper()
	i := slices.IndexFunc(crowds(), func(c crowd) bool { return c.name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return crowds()[i]
}

// Two senders in one log, whatever tells them apart: each policy is named, with whose it is, and nothing is said that is so of neither.
func TestSeveralPolicies(t *testing.T) {
	for _, pair := range [][2]string{
		{"constant", "exponential"}, {"constant", "full jitter"}, {"exponential", "equal jitter, retries a 410"}, {"none", "exponential"}, {"the bug", "exponential"},
		{"full jitter", "schedule, obeys"}, {"in step, without timeout", "full jitter"},
	} {
		for _, apart := range []struct {
			name string
			a, b place
			of   [2]string
		}{
			{"by host", place{"10.0.0.1", "a.test", "/c"}, place{"10.0.0.1", "b.test", "/c"}, [2]string{"host a.test", "host b.test"}},
			{"by endpoint", place{"10.0.0.1", "a.test", "/a"}, place{"10.0.0.1", "a.test", "/b"}, [2]string{"endpoint http://a.test/a", "endpoint http://a.test/b"}},
			{"by sender", place{"10.0.0.1", "a.test", "/c"}, place{"10.0.0.2", "a.test", "/c"}, [2]string{"sender 10.0.0.1", "sender 10.0.0.2"}},
		} {
			t.Run(strings.Join(pair[:], " and ")+", "+apart.name, func(t *testing.T) {
				for seed := range uint64(2) {
					first, second := crowdNamed(t, pair[0]), crowdNamed(t, pair[1])
					log := slices.Concat(apart.a.put(first.log(t, seed, 60), "a"), apart.b.put(second.log(t, seed+50, 60), "b"))
					r := analysis.Judge(logOf(log), analysis.Question{})
					require.Len(t, r.Policies, 2, r.Habits())
					for i, c := range []crowd{first, second} {
						requireIts(t, c, apart.of[i], r)
					}
				}
			})
		}
	}
}

// requireIts checks what is said of one of several senders: its waits, and its defects, all of them and no others.
func requireIts(t *testing.T, c crowd, of string, r *analysis.Report) {
	t.Helper()
	i := slices.IndexFunc(r.Policies, func(p analysis.SenderPolicy) bool { return p.Of == of })
	require.GreaterOrEqual(t, i, 0, "%s: %s", of, r.Habits())
	p := r.Policies[i]
	if c.want.shape != "" && p.Shape != "" { // few gaps may not tell it
		require.Equal(t, c.want.shape, string(p.Shape), r.Habits())
	}
	if c.want.jitter != "" && p.Jitter != "" {
		require.Equal(t, c.want.jitter, string(p.Jitter), r.Habits())
	}
	own := *r
	own.Defects = slices.DeleteFunc(slices.Clone(r.Defects), func(d analysis.Defect) bool { return d.Sender != of })
	missing, extra := c.compare(&own)
	require.Empty(t, missing, r.Habits())
	require.Empty(t, extra, r.Habits())
}

// One sender is one, however many endpoints it has and however late its workers are for one of them.
func TestOnePolicyIsNotSplit(t *testing.T) {
	for _, c := range crowds() {
		for seed := range uint64(5) {
			log := c.log(t, seed, 120)
			for _, r := range log {
				if a, is := r.(*deliveries.Attempt); is {
					n := int(a.Key[4] - '0') // of wh_012
					a.Client, a.Endpoint = fmt.Sprintf("10.0.0.%d:40000", n%2), fmt.Sprintf("http://hooks.test/%d", n%4)
					if n%4 == 3 && a.Attempt > 1 { // the queue before its retries is longer
						a.Start = a.Start.Add(time.Second)
					}
				}
			}
			r := analysis.Judge(logOf(log), analysis.Question{})
			require.Empty(t, r.Policies, "%s, seed %d: %s", c.name, seed, r.Habits())
		}
	}
}

// Two senders that nothing in the log tells apart: no wait is told that is so of neither.
func TestMixedPolicies(t *testing.T) {
	here := place{"10.0.0.1", "a.test", "/c"}
	for _, pair := range [][2]string{{"constant", "exponential"}, {"constant", "full jitter"}, {"full jitter", "schedule, obeys"}} {
		for seed := range uint64(5) {
			log := slices.Concat(here.put(crowdNamed(t, pair[0]).log(t, seed, 60), "a"), here.put(crowdNamed(t, pair[1]).log(t, seed+50, 60), "b"))
			r := analysis.Judge(logOf(log), analysis.Question{})
			require.Empty(t, r.Policies)
			require.Empty(t, string(r.Policy.Shape)+string(r.Policy.Jitter), "%v: %s", pair, r.Policy.String())
			require.Contains(t, r.Policy.String(), "several policies, which nothing in the log tells apart")
		}
	}
}

// What is asked of gaps and retries is asked of each sender by its own policy; the JSON has each, and what they have in common.
func TestSeveralPoliciesAreAsked(t *testing.T) {
	a, b := place{"10.0.0.1", "a.test", "/c"}, place{"10.0.0.1", "b.test", "/c"}
	log := slices.Concat(a.put(makeLog(t, failing(10, "503 5s 503 5s 503 5s 503")), "a"), b.put(makeLog(t, failing(10, "503 1s 503 2s 503 4s 503 8s 503 16s 503")), "b"))
	judged := func(keys string) *analysis.Report { return analysis.Judge(logOf(log), ended(expect(t, keys))) }
	require.Equal(t, "fail host a.test: the gaps are constant, wanted exponential", brief(checkOf(t, judged(`backoff = { shape = "exponential" }`), "backoff")))
	require.Equal(t, "fail host b.test: the gaps grow from 1 s to 16 s; host a.test: the gaps do not grow: all are about 5 s",
		brief(checkOf(t, judged(`backoff = { shape = "any_growing" }`), "backoff")))
	require.Equal(t, "pass 5xx: 80 of 80 retried", brief(checkOf(t, judged(`always_retry = ["5xx"]`), "always_retry")))

	text, err := judged("").VerdictJSON()
	require.NoError(t, err)
	require.Contains(t, string(text), `"policy":{"attempts":null,"shape":null,"first_ms":null,"factor":null,"cap_ms":null,"jitter":null,"fit":null,"gaps":80,"retries":{"503":true},`)
	require.Contains(t, string(text), `"policies":[{"of":"host b.test","attempts":6,"shape":"exponential","first_ms":1000,"factor":2,`)
	require.Contains(t, string(text), `{"of":"host a.test","attempts":4,"shape":"constant","first_ms":5000,`)
	require.Contains(t, judged("").Habits(), "policy  host a.test: constant 5 s, no jitter, 4 attempts")
	require.Contains(t, judged("").Habits(), "cause   host b.test: gives up after 31.06 s: ")
}
