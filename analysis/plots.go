package analysis

import (
	"slices"

	"github.com/faultline/faultline/deliveries"
)

// plots are what the page of a report draws besides its tables. They are gathered in the pass that judges, and do not grow with the log.
type plots struct {
	times  timePlot
	strips strips
	took   tookPlot
	gaps   []gapPlot // of each sender
	herd   *herd     // nil: no outage ended with enough deliveries waiting
}

// gapPlot are the gaps that the policy was looked for in, thinned, by the try after which they came.
type gapPlot struct {
	sample
	of     string // the sender; "": there is one alone
	policy *Policy
	all    []int // how many there were after each try
	asked  int   // gaps that a Retry-After came before, which are not among them
}

func newPlots(c *context) *plots { return &plots{times: newTimePlot(c)} }

func (p *plots) see(c *course) {
	p.strips.see(c)
	for i := range c.arrivals {
		p.times.see(&c.arrivals[i])
		p.took.see(&c.arrivals[i])
	}
}

// finish takes what is gathered anyway.
func (p *plots) finish(all *senders, e *endpoints) {
	for _, one := range all.all {
		p.gaps = append(p.gaps, one.gapPlot())
		if worst, ok := one.signs.herds.worst(); ok && (p.herd == nil || worst.share() > p.herd.share()) {
			p.herd = &worst
		}
	}
	p.took.half, p.took.most = e.percentiles()
}

func (s *sender) gapPlot() gapPlot {
	p := gapPlot{sample: s.inference.gaps.thinned(), of: s.name, policy: s.policy, asked: len(s.inference.told)}
	for _, gaps := range s.inference.gaps {
		p.all = append(p.all, len(gaps))
	}
	return p
}

// outcomes are all of them, in the order in which they are drawn and told.
func outcomes() [outcomeKinds]deliveries.Outcome {
	return [...]deliveries.Outcome{deliveries.Acknowledged, deliveries.Rejected, deliveries.Broken, deliveries.Unanswered, deliveries.Aborted}
}

const outcomeKinds = 5

// byOutcome counts attempts, in the order of outcomes.
type byOutcome [outcomeKinds]int

func (b *byOutcome) add(o deliveries.Outcome) {
	all := outcomes()
	if i := slices.Index(all[:], o); i >= 0 {
		b[i]++
	}
}

func (b byOutcome) sum() int {
	n := 0
	for _, of := range b {
		n += of
	}
	return n
}

// failing is the share of them that were not acknowledged; 0 of none.
func (b byOutcome) failing() float64 { return float64(b.sum()-b[0]) / float64(max(1, b.sum())) }
