package analysis

import (
	"slices"
	"time"

	"github.com/faultline/faultline/scenario"
)

// check is one question of [expect] on the way to its answer.
type check interface {
	see(c *course) // takes a delivery, each once, in any order
	answer() Check // is asked once, at the end
}

// asked is all that questions are asked about.
type asked struct {
	*scenario.Expectations
	scale   float64 // the sender ran with its delays divided by this; 1: it did not
	senders *senders
	kin     *kin
	emitted int // how many deliveries there were; 0: only those are known that came
	until   time.Time
	settled settling
}

// questions is THE table of what [expect] may ask, in the order of its keys. A question that was not asked is nil.
func questions() []question {
	return []question{
		{"delivered", askDelivered, atLeast, aShare},
		{"min_attempts", askMinAttempts, atLeast, aNumber},
		{"max_attempts", askMaxAttempts, atMost, aNumber},
		{"keeps_trying", askKeepsTrying, atLeast, aTime},
		{"survives", askSurvives, inWords, aTime},
		{"backoff", askBackoff, inWords, aNumber},
		{"retry_after", askRetryAfter, inWords, aTime},
		{"never_retry", askNeverRetry, inWords, aNumber},
		{"always_retry", askAlwaysRetry, inWords, aNumber},
		{"stops_endpoint", askStopsEndpoint, inWords, aNumber},
		{"max_duplicates", askMaxDuplicates, atMost, aNumber},
		{"after_lost_ack", askAfterLostAck, atMost, aNumber},
		{"stable_key", askStableKey, inWords, aNumber},
		{"stable_body", askStableBody, inWords, aNumber},
		{"max_amplification", askAmplification, atMost, aNumber},
		{"max_herd", askHerd, atMost, aShare},
		{"max_concurrency", askConcurrency, atMost, aNumber},
		{"max_rate", askRate, atMost, aNumber},
		{"ordered", askOrdered, inWords, aNumber},
		{"max_time", askMaxTime, atMost, aTime},
		{"timeout", askTimeout, inWords, aTime},
	}
}

type question struct {
	key     string
	ask     func(*asked) check
	compare comparison
	unit    unit
}

// comparison is how a figure is held against its limit.
type comparison int

const (
	atMost comparison = iota
	atLeast
	inWords // the text says it better than two numbers do
)

// unit is what a figure counts.
type unit int

const (
	aNumber unit = iota
	aShare
	aTime // milliseconds
)

// scaled is a time that the sender spent waiting, as it would have been had its delays not been divided.
func (a *asked) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) * a.scale) }

// final reports whether, after an ending, no further attempt is wanted.
func (a *asked) final(how ending) bool {
	is := func(word string) bool { return how.is(word) }
	return slices.ContainsFunc(a.NeverRetry, is) || slices.ContainsFunc(a.StopsAt, is)
}

// policy is that of a delivery's sender, as its attempts show it.
func (a *asked) policy(c *course) *Policy { return a.senders.of(c).policy }

// forsaken reports whether the sender has left a delivery that it should have gone on with.
func (a *asked) forsaken(c *course) bool {
	last := c.lastArrival()
	return c.lost() && last != nil && !a.final(last.how)
}
