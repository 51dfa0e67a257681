// Package trial knows when a test of a sender is over, and what to say when it has shown nothing. It owns nothing: proxy, sender and log are its caller's.
//
// Promise: a delivery is settled when it was acknowledged, or silent for long enough; what was amended counts as amended. A delivery that is attempted again counts
// again as open.
//
//	tally := trial.NewTally(time.Minute, time.Now())
//	tally.Observe(record)                          // each record, as it is written
//	tally.Progress(time.Now()).Settled(50)         // fifty deliveries were seen, and nothing more is to be expected of any
package trial

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// Tally follows deliveries while they are attempted. Make it with NewTally. Safe for concurrent use.
type Tally struct {
	settle time.Duration
	begun  time.Time // when the sender was started

	mu       sync.Mutex
	seen     map[string]*course
	byID     map[string]string // deliveries by the attempt that was acknowledged, which an amendment may take back
	attempts int
	last     time.Time
	longest  time.Duration     // gap
	gaps     [][]time.Duration // after the n-th attempt, from 0; as many as maxGaps each
	unseen   map[string]int    // CONNECTs that were passed through, by host
	broken   map[string]int    // CONNECTs that their sender broke off at our certificate
	other    int
	failures map[string]int  // why attempts, or CONNECTs, failed that no rule had met
	met      map[string]bool // deliveries that a rule has met
	struck   int             // CONNECTs
}

// maxGaps is how many gaps are remembered of one kind.
const maxGaps = 101

// course is what is known of a delivery.
type course struct {
	attempts     int
	last         time.Time // when its last attempt ended
	acknowledged bool
}

// The time that a delivery must be silent, where nothing is said of it: so many times the longest gap that was seen, at least so long.
const (
	settleGaps  = 3
	settleLeast = 200 * time.Second
)

// NewTally is for a sender that is started at a time. It counts a delivery as settled once it was silent for so long; 0: three times the longest gap between two
// attempts that was seen, at least 200 s.
func NewTally(settle time.Duration, begun time.Time) *Tally {
	return &Tally{settle: settle, begun: begun, last: begun, seen: make(map[string]*course), byID: make(map[string]string), unseen: make(map[string]int), broken: make(map[string]int), met: make(map[string]bool), failures: make(map[string]int)}
}

// Observe takes a record, in the order in which they are written.
func (t *Tally) Observe(record deliveries.Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch r := record.(type) {
	case *deliveries.Attempt:
		t.attempt(r)
	case *deliveries.Amend:
		t.amend(r)
	case *deliveries.Tunnel:
		t.unseen[r.Host]++
	case *deliveries.Connect:
		switch {
		case len(r.Rules) > 0:
			t.struck++
		case r.Listener == "" && strings.HasPrefix(r.Error, "TLS handshake"):
			t.broken[r.Host]++
		case r.Listener == "" && r.Error != "" && len(t.failures) < maxFailures:
			t.failures[fmt.Sprintf("%s: %s", r.Host, r.Error)]++
		}
	case *deliveries.Other:
		t.other += int(r.Count)
	}
}

func (t *Tally) attempt(a *deliveries.Attempt) {
	end := a.Start.Add(time.Duration(a.MS.Total * float64(time.Millisecond)))
	c := t.seen[a.Delivery]
	if c == nil {
		c = &course{}
		t.seen[a.Delivery] = c
	} else {
		t.gap(c.attempts, a.Start.Sub(c.last))
	}
	if len(a.Rules) > 0 {
		t.met[a.Delivery] = true
	}
	t.attempts++
	c.attempts++
	c.last = later(c.last, end)
	t.last = later(t.last, end)
	if a.Outcome == deliveries.Acknowledged {
		c.acknowledged = true
		t.byID[a.ID] = a.Delivery
	} else if len(a.Rules) == 0 && len(t.failures) < maxFailures {
		t.failures[failure(a)]++
	}
}

// failure is why an attempt failed, as its target, or the network, has it.
func failure(a *deliveries.Attempt) string {
	switch {
	case a.Target != nil && a.Target.Error != "":
		return fmt.Sprintf("%s: %s", a.Host, a.Target.Error)
	case a.Answer != nil:
		return fmt.Sprintf("%s answers %d", a.Host, a.Answer.Status)
	case a.EndedBy == deliveries.BySender:
		return fmt.Sprintf("the sender did not wait for %s's answer", a.Host)
	default:
		return fmt.Sprintf("%s gave no answer", a.Host)
	}
}

// maxFailures is how many kinds of failures are told apart.
const maxFailures = 20

// Failures are why attempts, or CONNECTs, failed that no rule had met, the commonest first.
func (t *Tally) Failures() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.told()
}

// told is Failures. mu is held.
func (t *Tally) told() []string {
	all := slices.SortedFunc(maps.Keys(t.failures), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.failures[b], t.failures[a]), cmp.Compare(a, b))
	})
	for i, why := range all {
		all[i] = fmt.Sprintf("%s (%d×)", why, t.failures[why])
	}
	return all
}

// gap remembers the gap after so many attempts.
func (t *Tally) gap(attempts int, d time.Duration) {
	if d <= 0 {
		return // they overlapped
	}
	t.longest = max(t.longest, d)
	for len(t.gaps) < attempts {
		t.gaps = append(t.gaps, nil)
	}
	if known := t.gaps[attempts-1]; len(known) < maxGaps {
		t.gaps[attempts-1] = append(known, d)
	}
}

// amend takes back an acknowledgement that did not arrive.
func (t *Tally) amend(a *deliveries.Amend) {
	if c := t.seen[t.byID[a.ID]]; c != nil && a.Outcome != deliveries.Acknowledged {
		c.acknowledged = false
		delete(t.byID, a.ID)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Progress is how far a trial is.
type Progress struct {
	Deliveries, Acknowledged int
	Silent                   int // not acknowledged, and not attempted for long enough
	Open                     int // the others
	Attempts                 int
	Quiet                    time.Duration // since the last attempt ended; before the first, since the sender was started
	Settle                   time.Duration // how long is long enough
	// Next is when the next attempt is to be expected, by the gaps of other deliveries; zero: nothing tells.
	Next time.Time
}

// Progress is how far the trial is at a time.
func (t *Tally) Progress(now time.Time) Progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := Progress{Deliveries: len(t.seen), Attempts: t.attempts, Settle: t.settle, Quiet: now.Sub(t.last)}
	if p.Settle == 0 {
		p.Settle = max(settleLeast, settleGaps*t.longest)
	}
	for _, c := range t.seen {
		switch {
		case c.acknowledged:
			p.Acknowledged++
		case now.Sub(c.last) >= p.Settle:
			p.Silent++
		default:
			p.Open++
			p.Next = earlier(p.Next, t.expected(c, now))
		}
	}
	return p
}

// expected is when a delivery is to be attempted again: after as long as others paused after as many attempts; zero: nothing tells.
func (t *Tally) expected(c *course, now time.Time) time.Time {
	if c.attempts > len(t.gaps) || len(t.gaps[c.attempts-1]) == 0 {
		return time.Time{}
	}
	sorted := slices.Sorted(slices.Values(t.gaps[c.attempts-1]))
	if at := c.last.Add(sorted[len(sorted)/2]); at.After(now) {
		return at
	}
	return time.Time{}
}

// earlier is the earlier of two times, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// missedLeast is how long at least nothing must have come until those are given up that were expected and never came: a worker takes its time to start.
const missedLeast = time.Minute

// Settled reports whether nothing is to be waited for any more: so many deliveries were seen and none is open. 0: nobody knows how many there will be, so that
// nothing must have come for as long as makes a delivery silent; neither do fewer, or none at all, hold a trial up for longer than that, or than a minute.
func (p Progress) Settled(expect int) bool {
	switch {
	case p.Open > 0:
		return false
	case p.Deliveries == 0 || p.Deliveries < expect:
		return p.Quiet >= max(p.Settle, missedLeast)
	default:
		return expect > 0 || p.Quiet >= p.Settle
	}
}
