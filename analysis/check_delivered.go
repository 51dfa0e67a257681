package analysis

import (
	"fmt"

	"github.com/faultline/faultline/deliveries"
)

// delivered asks which share of the settled deliveries was acknowledged, and had reached its target.
type delivered struct {
	*asked
	arrived, open, doubtful int
	lost, unreached         witnesses // unreached: acknowledged, but the target never got it
}

func askDelivered(a *asked) check {
	if a.Delivered == nil {
		return nil
	}
	return &delivered{asked: a}
}

func (q *delivered) see(c *course) {
	switch {
	case c.doubtful:
		q.doubtful++
	case c.State == deliveries.StateOpen:
		q.open++
	case c.State == deliveries.StateLost:
		q.lost.add(c)
	case c.Delivered:
		q.arrived++
	default:
		q.unreached.add(c)
	}
}

func (q *delivered) answer() Check {
	settled := q.arrived + q.lost.all + q.unreached.all
	unseen := max(0, q.emitted-settled-q.open-q.doubtful)
	total := settled + unseen
	if total == 0 {
		return answer(Inconclusive, 0, "no delivery is settled")
	}
	share, limit := float64(q.arrived)/float64(total), *q.asked.Delivered
	text := fmt.Sprintf("%d of %s arrived", q.arrived, counted(total, "delivery"))
	text += andSo(q.lost.all, "lost") + andSo(q.unreached.all, "acknowledged without reaching the target") + andSo(unseen, "never seen")
	if q.lost.all > 0 && q.settled.given {
		text += q.settled.shortness()
	}
	witnesses := q.lost
	if q.lost.all == 0 {
		witnesses = q.unreached
	}
	switch {
	case share < limit:
		return answer(Fail, total, "%s", text).of(share, limit).shownBy(witnesses).restingOnAbsence()
	case q.doubtful > 0:
		return answer(Inconclusive, total, "%s; of %d more it cannot be told: %s", text, q.doubtful, whyDoubtful).of(share, limit)
	default:
		return answer(Pass, total, "%s", text).of(share, limit)
	}
}

// andSo is ", n words", nothing for none.
func andSo(n int, words string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d %s", n, words)
}
