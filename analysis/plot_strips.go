package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// strips are the deliveries that are drawn one by one: of each group those with most attempts, whatever the order in which they were seen.
type strips [stripGroups]stripGroup

// stripGroups are the groups, those that say most first.
const stripGroups = 5

type stripGroup struct {
	all   int
	shown []strip
}

// strip is one delivery.
type strip struct {
	witness
	endpoint string
	tries    int // attempts, finished or not
	marks    []stripMark
	last     string // how its last attempt ended
	notes    []string
}

// stripMark is an attempt, by the time since the first one began.
type stripMark struct {
	number   int
	from, to time.Duration
	outcome  deliveries.Outcome // "": no end of it is known
	ending   string
	rules    []string
}

const (
	mostStrips  = 40 // that are drawn
	leastStrips = 6  // of each group, where there are so many
	mostMarks   = 32 // of a delivery: the first ones, and the last
)

// groupOf is the group of a delivery.
func groupOf(c *course) int {
	switch {
	case c.State == deliveries.StateLost:
		return 0
	case c.Duplicated || c.RetriedAfterAck || c.FalseSuccess || c.MaybeDelivered:
		return 1
	case c.State == deliveries.StateOpen:
		return 2
	case len(c.arrivals)+len(c.Unfinished) > 1:
		return 3
	default:
		return 4
	}
}

// groupNames are those of the groups.
func groupNames() [stripGroups]string {
	return [...]string{"lost", "twice, or not surely once", "still open", "acknowledged after retries", "acknowledged at once"}
}

func (s *strips) see(c *course) {
	g := &s[groupOf(c)]
	g.all++
	one := strip{witness: witnessOf(c), endpoint: c.Endpoint, tries: len(c.arrivals) + len(c.Unfinished)}
	at, _ := slices.BinarySearchFunc(g.shown, one, strip.compare)
	if at >= mostStrips {
		return
	}
	one.draw(c)
	g.shown = slices.Insert(g.shown, at, one)
	g.shown = g.shown[:min(len(g.shown), mostStrips)]
}

func (s strip) compare(other strip) int {
	return cmp.Or(other.tries-s.tries, s.witness.compare(other.witness))
}

// draw takes what is to be seen of the delivery's attempts.
func (s *strip) draw(c *course) {
	s.notes = (Story{course: *c}).notes()
	if c.Reason != "" { // comes first, and goes without saying
		s.notes = s.notes[1:]
	}
	if last := c.lastArrival(); last != nil {
		s.last = last.shown()
	}
	since := c.began()
	for i := range c.arrivals {
		a := &c.arrivals[i]
		if i >= mostMarks-1 && i < len(c.arrivals)-1 {
			continue
		}
		from := max(0, a.Start.Sub(since)) // where the clock was set back
		s.marks = append(s.marks, stripMark{a.Attempt.Attempt, from, max(from, a.ended.Sub(since)), a.Outcome, a.shown(), a.Rules})
	}
	for i, o := range c.Unfinished {
		if i == mostMarks {
			break
		}
		from := max(0, o.Start.Sub(since))
		s.marks = append(s.marks, stripMark{o.Attempt, from, from, "", "no end is known", o.Rules})
	}
}

// chosen are those that are drawn, by group.
func (s *strips) chosen() [stripGroups][]strip {
	var take [stripGroups]int
	left := mostStrips
	for _, least := range [...]int{leastStrips, 2 * leastStrips, mostStrips} { // first some of each, then whatever there is room for
		for i := range s {
			more := min(left, max(0, min(least, len(s[i].shown))-take[i]))
			take[i] += more
			left -= more
		}
	}
	var chosen [stripGroups][]strip
	for i := range s {
		chosen[i] = s[i].shown[:take[i]]
	}
	return chosen
}

func (s *strips) sum() (all int) {
	for _, g := range s {
		all += g.all
	}
	return all
}
