package analysis

import "strings"

// growing asks that the gaps of each sender grow, however.
type growing struct{ *asked }

func (q *growing) see(*course) {}

func (q *growing) answer() Check {
	result, gaps := Pass, 0
	var texts []string
	for _, one := range q.senders.all {
		each := one.policy.grows()
		result, gaps = result.and(each.Result), gaps+each.Basis
		texts = append(texts, one.prefix()+each.Text)
	}
	return answer(result, gaps, "%s", strings.Join(texts, "; "))
}

// grows reports whether the gaps of one policy do.
func (p *Policy) grows() Check {
	if p.Shape == "" || p.waits == nil {
		return answer(Inconclusive, p.Gaps, "too few gaps to see them grow: let a fault last for more attempts")
	}
	last := p.waits.high(1)
	for try := 2; try <= p.places; try++ {
		next := p.waits.high(try)
		if next < 0.95*last {
			return answer(Fail, p.Gaps, "the gap after attempt %d is shorter than the one before", try)
		}
		last = max(last, next)
	}
	if last < 1.1*p.waits.high(1) {
		return answer(Fail, p.Gaps, "the gaps do not grow: all are about %s", period(seconds(last)))
	}
	return answer(Pass, p.Gaps, "the gaps grow from %s to %s", period(seconds(p.waits.high(1))), period(seconds(last)))
}
