package deliveries

import "time"

// clock watches the wall clock of a run, by its attempts in the order in which they were written: that in which they ended. Attempts that lie on both sides of
// a moment at which it was set back tell nothing by their times.
type clock struct {
	began, ended time.Time // the latest since it was set back
	seq          uint64    // of the attempt before
	steps        int       // how often it was set back
	shuffled     bool      // the lines are in another order than they were written
}

const (
	// clockStep is the least that counts: attempts are written a little later than they end, and not always in that order.
	clockStep = 2 * time.Second
	// mostSteps is how often a clock is believed to be set back. Beyond, it is the lines that are in disorder.
	mostSteps = 8
)

// sign is a sign of life: an attempt, by its times.
type sign struct {
	run          string
	seq          uint64
	began, ended time.Time
}

func (a *Attempt) sign() sign { return sign{a.Run, a.Seq, a.Start, a.Ended()} }

// saw takes the run's next attempt, and gives how often the clock was set back before.
func (c *clock) saw(a sign) int {
	c.shuffled = c.shuffled || a.seq <= c.seq
	c.seq = a.seq
	if a.began.Before(c.began.Add(-clockStep)) && a.ended.Before(c.ended.Add(-clockStep)) {
		c.steps++
		c.began, c.ended = a.began, a.ended
		return c.steps
	}
	c.began, c.ended = later(c.began, a.began), later(c.ended, a.ended)
	return c.steps
}

// steady reports whether the times of all attempts can be compared, as far as the log tells.
func (c *clock) steady() bool { return c.steps == 0 || c.steps > mostSteps || c.shuffled }
