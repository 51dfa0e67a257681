package faults

import (
	"io/fs"
	"time"

	"github.com/faultline/faultline/schema"
)

var rateLimitKind = Kind{
	Name: "rate_limit",
	Doc: "A token bucket that holds `burst` and gets `limit` new tokens `per` time, evenly. An attempt that finds a token takes it and passes untouched: it has " +
		"met no fault, and counts as no firing. One that finds none is read and answered with `code` and the true Retry-After, whole seconds, rounded up, until " +
		"the next token; it takes nothing. A rule that does not match, or whose `when` does not hold, asks no bucket.",
	Imitates: "an API with a quota, a gateway or firewall that throttles",
	Limits:   "A bucket is one process's own: several faultlines do not share it.",
	Cousins:  "Envoy: `local_ratelimit`, `ratelimit`. toxiproxy, WireMock: none.",
	Terminal: true,
	Main:     "limit",
	New:      func() Fault { return &rateLimit{per: time.Second, scope: scopeHost, code: 429} },
}

// rateLimit: a token bucket, and an answer of our own where it is empty.
type rateLimit struct {
	limit, burst int
	per          time.Duration
	scope        limitScope
	code         int
}

// limitScope is what has a bucket of its own.
type limitScope string

const (
	scopeHost   limitScope = "host"   // each target, by host and port
	scopeRule   limitScope = "rule"   // all attempts that the rule meets together
	scopeClient limitScope = "client" // each sender's address
)

// most bounds the numbers of a bucket and of a queue, far above any that is of use.
const most = 1_000_000

func (f *rateLimit) Fields() []schema.Field {
	return []schema.Field{
		schema.Int(&f.limit, "limit", 1, most, "how many attempts pass `per` time").Needed(),
		schema.Duration(&f.per, "per", "the time in which `limit` tokens come"),
		schema.Int(&f.burst, "burst", 1, most, "how many tokens the bucket holds, and has at first; `limit` without it"),
		schema.Enum(&f.scope, "scope", "what has a bucket of its own: each target (host and port), the rule, or each client's address", scopeHost, scopeRule, scopeClient),
		schema.Int(&f.code, "code", 400, 599, "the status over the limit"),
	}
}

func (f *rateLimit) Check(v schema.Value, _ fs.FS) {
	if f.burst == 0 {
		f.burst = f.limit
	}
	switch {
	case f.per == 0:
		v.Key("per").Reject("is no time at all", "more than 0s", "")
	case f.interval() == 0:
		v.Complain("is more than one attempt a nanosecond", "a smaller limit, or a longer `per`")
	case float64(f.burst)*float64(f.interval()) > float64(longest):
		v.Complain("the bucket takes longer than a year to fill", "a smaller burst, or a shorter `per`")
	}
}

// interval is the time from one new token to the next.
func (f *rateLimit) interval() time.Duration { return f.per / time.Duration(f.limit) }

// Parts asks the bucket. What is kept of it is the moment at which it is full again: each token that it lacks is one interval until then.
func (f *rateLimit) Parts(at Occasion) []Part {
	bucket := f.bucket(at)
	full := at.Now
	for _, kept := range at.Ahead(bucket) {
		full = latest(full, kept)
	}
	// One token at least is there from this moment on.
	next := full.Add(-time.Duration(f.burst-1) * f.interval())
	if next.After(at.Now) {
		refusal := f.Refusal()
		refusal.RetryAt = next
		return []Part{{Stage: StageAdmission, Ends: true, Step: refusal}}
	}
	at.Keep(bucket, []time.Time{full.Add(f.interval())})
	return nil
}

// Refusal is the answer over the limit, but for the moment of the next token.
func (f *rateLimit) Refusal() Answer { return Answer{Status: f.code} }

// bucket is the name of the bucket that an attempt's token comes from.
func (f *rateLimit) bucket(at Occasion) string {
	switch f.scope {
	case scopeHost:
		return "host " + at.Host
	case scopeRule:
		return "rule"
	case scopeClient:
		return "client " + at.Client
	default:
		panic("faults: rate limit by " + string(f.scope))
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
