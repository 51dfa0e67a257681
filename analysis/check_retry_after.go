package analysis

import "time"

// retryAfter asks that no attempt starts earlier than the one before was told (RFC 9110 10.2.3), up to a cap.
type retryAfter struct {
	*asked
	basis    int
	early    witnesses
	earliest time.Duration // by how much, at worst
}

func askRetryAfter(a *asked) check {
	if a.RetryAfter == nil {
		return nil
	}
	return &retryAfter{asked: a}
}

func (q *retryAfter) see(c *course) {
	wrong := false
	for i := 1; i < len(c.arrivals); i++ {
		a, before := c.arrivals[i], c.arrivals[i-1]
		announced := before.announces()
		if announced == 0 || a.resent || a.overlap { // one that began before the answer knew nothing of it
			continue
		}
		if most := q.RetryAfter.Cap; most > 0 {
			announced = min(announced, most)
		}
		q.basis++
		waited := q.scaled(a.Start.Sub(before.ended))
		if by := announced - waited; by > before.exactTo() {
			wrong = true
			q.earliest = max(q.earliest, by)
		}
	}
	if wrong {
		q.early.add(c)
	}
}

func (q *retryAfter) answer() Check {
	switch {
	case q.early.all > 0:
		return answer(Fail, q.basis, "%s came before Retry-After allowed it, by up to %s", counted(q.early.all, "delivery"), period(q.earliest)).
			of(ms(q.earliest), 0).shownBy(q.early)
	case q.basis > 0:
		return answer(Pass, q.basis, "%s, none too early", counted(q.basis, "retry")).of(0, 0)
	default:
		return answer(Inconclusive, 0, "no attempt followed a Retry-After: a rule with retry_after would tell")
	}
}
