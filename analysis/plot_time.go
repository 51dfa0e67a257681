package analysis

import (
	"slices"
	"time"
)

// timePlot counts attempts over time.
type timePlot struct {
	span   // of the attempts
	from   time.Time
	step   time.Duration
	bins   []timeBin
	lanes  map[string][]int // attempts at which a rule fired, by its name, over the same steps
	closed spans            // when a listener was closed, so that attempts could not be seen
}

type timeBin struct {
	byOutcome
	faulted int // attempts that met a fault
}

// A plot over time has so many steps: fewer for few attempts, which would else be lost between them.
const (
	leastSteps = 20
	mostSteps  = 120
)

func newTimePlot(c *context) timePlot {
	p := timePlot{span: c.tried, lanes: make(map[string][]int)}
	if p.span.from.IsZero() {
		return p
	}
	took := min(century, p.span.to.Sub(p.span.from))
	p.step = stepOf(took, min(mostSteps, max(leastSteps, c.log.attempts/4))-1)
	p.from = p.span.from.Truncate(p.step)
	p.bins = make([]timeBin, max(leastSteps, int(p.span.from.Add(took).Sub(p.from)/p.step)+1))
	for _, closed := range c.closed {
		for _, one := range closed {
			if one.to.After(one.from) && one.overlaps(p.span) {
				p.closed = append(p.closed, span{later(one.from, p.from), earlier(one.to, p.end())})
			}
		}
	}
	p.closed = p.closed.joined()
	return p
}

func (p *timePlot) bin(t time.Time) int { return min(len(p.bins)-1, max(0, int(t.Sub(p.from)/p.step))) }

// end is where the last step ends.
func (p *timePlot) end() time.Time { return p.from.Add(time.Duration(len(p.bins)) * p.step) }

func (p *timePlot) see(a *arrival) {
	at := p.bin(a.Start)
	p.bins[at].add(a.Outcome)
	if len(a.Faults) > 0 {
		p.bins[at].faulted++
	}
	for _, rule := range a.Rules {
		if p.lanes[rule] == nil {
			p.lanes[rule] = make([]int, len(p.bins))
		}
		p.lanes[rule][at]++
	}
}

// windows are the times in which at least half of the attempts met a fault, or a listener was closed. Steps in which nobody came belong to a window that
// goes on behind them.
func (p *timePlot) windows() spans {
	all := slices.Clone(p.closed)
	since, last := -1, 0
	add := func() {
		if since >= 0 {
			all = append(all, span{p.from.Add(time.Duration(since) * p.step), p.from.Add(time.Duration(last+1) * p.step)})
		}
		since = -1
	}
	for i, b := range p.bins {
		switch {
		case b.sum() == 0:
		case 2*b.faulted < b.sum():
			add()
		default:
			if since < 0 {
				since = i
			}
			last = i
		}
	}
	add()
	return all.joined()
}

// century is the longest time that is drawn: what a log says to be longer is nonsense.
const century = 100 * 365 * 24 * time.Hour

// stepOf is the shortest of the usual steps of a clock of which so many make up a time, of a century at most.
func stepOf(whole time.Duration, most int) time.Duration {
	const day = 24 * time.Hour
	whole = min(whole, century)
	for _, step := range [...]time.Duration{
		10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 28 * day,
	} {
		if whole <= time.Duration(most)*step {
			return step
		}
	}
	step := 28 * day
	for whole > time.Duration(most)*step {
		step *= 2
	}
	return step
}
