package analysis

import "time"

// told are the attempts that came after a Retry-After.
type told []struct {
	try                    int
	gap, announced, asMuch time.Duration
	queued                 bool
}

// add takes an attempt that was told to wait.
func (t *told) add(a, before arrival) {
	*t = append(*t, struct {
		try                    int
		gap, announced, asMuch time.Duration
		queued                 bool
	}{before.try, a.gap, a.announced, a.asMuch, a.queued()})
}

// early is how many came before they were allowed.
func (t told) early() int {
	n := 0
	for _, one := range t {
		if one.gap < one.announced-one.asMuch {
			n++
		}
	}
	return n
}

// ignored reports whether too many came early for that to be the exception.
func (t told) ignored() bool { return float64(t.early()) > 0.05*float64(len(t)) }

// obedience is what the sender does about Retry-After, given what it would have waited anyway. Only those say that it obeys that came later than they
// would have, and not before they were allowed.
func (t told) obedience(p *Policy) Obedience {
	if t.ignored() {
		if t.heeded(p) {
			return ObedienceUnknown
		}
		return Ignored
	}
	swayed, slightly := 0, 0
	for _, one := range t {
		_, most, known := p.Wait(one.try)
		switch {
		case one.gap < one.announced-one.asMuch:
		case !known && one.gap <= one.announced+one.announced/10+queueLate:
			slightly++ // it may be what it always waits
		case known && one.announced > most+queueLate:
			swayed++
		case known && one.announced > most+most/50+200*time.Millisecond:
			slightly++
		}
	}
	if swayed > 0 || slightly >= 3 {
		return Obeyed
	}
	return ObedienceUnknown
}

// heeded reports whether those that came early had waited longer than the policy would have, as of a sender that obeys, but not for so long.
func (t told) heeded(p *Policy) bool {
	longer := 0
	for _, one := range t {
		if _, most, known := p.Wait(one.try); p.First != nil && known && one.gap < one.announced-one.asMuch && one.gap > most+queueLate {
			longer++
		}
	}
	return 2*longer > t.early()
}
