package analysis

import (
	"iter"
	"slices"
	"time"
)

// A sender may pace itself (Celery's rate_limit): its attempts, first ones and retries alike, begin so far apart and never closer. Then what lies between the
// attempts of a delivery may be the length of a queue, and says little of the policy.

const (
	fewPaced     = 20                    // attempts that must have begun so
	shortestPace = 40 * time.Millisecond // one is as quick as a sender can be otherwise
)

// mostPaces is how many times between two beginnings are held; of more, every second, fourth and so on.
const mostPaces = 2_000_000

// pace looks for the one that beginnings keep.
type pace struct {
	between []time.Duration
	begun   int
	last    time.Duration
	rare    int // of the number of a time that is held so many bits must be 0
}

func (p *pace) see(e event) {
	if !e.begins() {
		return
	}
	if p.begun > 0 && (p.begun-1)&(1<<p.rare-1) == 0 {
		p.between = append(p.between, e.at()-p.last)
	}
	p.begun, p.last = p.begun+1, e.at()
	if len(p.between) > mostPaces {
		p.thin()
	}
}

// thin leaves every second.
func (p *pace) thin() {
	p.rare++
	for i := range (len(p.between) + 1) / 2 {
		p.between[i] = p.between[2*i]
	}
	p.between = p.between[:(len(p.between)+1)/2]
}

// kept is the pace; 0: they keep none.
func (p *pace) kept() time.Duration {
	if p.begun < fewPaced {
		return 0
	}
	slices.Sort(p.between)
	middle := p.between[len(p.between)/2]
	closer, near := 0, 0
	for _, b := range p.between {
		switch {
		case b < middle*9/10:
			closer++
		case b <= atPace(middle):
			near++
		}
	}
	const hardlyAny, many = 0.02, 0.5
	all := float64(len(p.between))
	if middle < shortestPace || float64(closer) > hardlyAny*all || float64(near) < many*all {
		return 0
	}
	return middle
}

// atPace is how far apart two attempts are at most that keep a pace.
func atPace(pace time.Duration) time.Duration { return pace*21/20 + 20*time.Millisecond }

// pacedSpans are the times in which one attempt began after another at a pace.
func pacedSpans(events iter.Seq[happening], pace time.Duration) (found spans) {
	for e := range events {
		if !e.begins() {
			continue
		}
		if last := len(found) - 1; last >= 0 && e.at()-since1970(found[last].to) <= atPace(pace) {
			found[last].to = moment(e.at())
		} else {
			found = append(found, span{moment(e.at()), moment(e.at())})
		}
	}
	return found
}
