package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/faultline/faultline/deliveries"
)

// perEnding asks something of the attempts that came, or did not come, after each of several endings.
type perEnding struct {
	*asked
	words []string
	ended map[string]int // by word: attempts that ended so
	seen  map[string]int // those of which the answer is known
	wrong map[string]int
	shown witnesses
}

func newPerEnding(a *asked, words []string) perEnding {
	return perEnding{asked: a, words: words, ended: make(map[string]int), seen: make(map[string]int), wrong: make(map[string]int)}
}

// met takes note of an ending, whatever followed.
func (q *perEnding) met(how ending) {
	for _, word := range q.words {
		if how.is(word) {
			q.ended[word]++
		}
	}
}

// count takes an ending of which the answer is known.
func (q *perEnding) count(c *course, how ending, wrong bool) {
	for _, word := range q.words {
		if !how.is(word) {
			continue
		}
		q.seen[word]++
		if wrong {
			q.wrong[word]++
		}
	}
	if wrong && slices.ContainsFunc(q.words, how.is) {
		q.shown.add(c)
	}
}

// answers is the answer of all words together: each is a question of its own. said describes one of them.
func (q *perEnding) answers(said func(word string, wrong, seen int) string) Check {
	result, basis, wrong := Pass, 0, 0
	var texts []string
	for _, word := range q.words {
		one := judged(q.wrong[word], q.seen[word])
		result = result.and(one)
		basis, wrong = basis+q.seen[word], wrong+q.wrong[word]
		if one == Inconclusive {
			texts = append(texts, q.never(word))
			continue
		}
		texts = append(texts, word+": "+said(word, q.wrong[word], q.seen[word]))
	}
	return answer(result, basis, "%s", strings.Join(texts, "; ")).of(float64(wrong), 0).shownBy(q.shown)
}

// never says why nothing is known of an ending.
func (q *perEnding) never(word string) string {
	isStatus := !slices.Contains([]ending{connectFailed, timedOut, brokenOff}, ending(word))
	switch n := q.ended[word]; {
	case n > 0:
		return fmt.Sprintf("%s: none of %d is settled", word, n)
	case isStatus:
		return fmt.Sprintf("no %s was ever answered", word)
	default:
		return fmt.Sprintf("%s: no attempt ended so", word)
	}
}

// neverRetry asks that no attempt follows certain endings.
type neverRetry struct{ perEnding }

func askNeverRetry(a *asked) check {
	if len(a.NeverRetry) == 0 {
		return nil
	}
	return &neverRetry{newPerEnding(a, a.NeverRetry)}
}

func (q *neverRetry) see(c *course) {
	for i := range c.arrivals {
		q.met(c.arrivals[i].how)
		retried := c.follower(i) != nil
		if retried || c.State != deliveries.StateOpen {
			q.count(c, c.arrivals[i].how, retried)
		}
	}
}

func (q *neverRetry) answer() Check {
	return q.answers(func(_ string, wrong, seen int) string { return fmt.Sprintf("%d of %d retried", wrong, seen) })
}

// alwaysRetry asks that an attempt follows certain endings, until max_attempts or, where that is not asked, until the sender's own limit.
type alwaysRetry struct{ perEnding }

func askAlwaysRetry(a *asked) check {
	if len(a.AlwaysRetry) == 0 {
		return nil
	}
	return &alwaysRetry{newPerEnding(a, a.AlwaysRetry)}
}

func (q *alwaysRetry) see(c *course) {
	for i := range c.arrivals {
		q.met(c.arrivals[i].how)
		retried := c.follower(i) != nil
		switch {
		case c.doubtful || q.exhausted(c, i) || q.final(c.arrivals[i].how):
		case retried:
			q.count(c, c.arrivals[i].how, false)
		case c.lost():
			q.count(c, c.arrivals[i].how, true)
		}
	}
}

// exhausted reports whether no attempt is wanted after the i-th because there were enough.
func (q *alwaysRetry) exhausted(c *course, i int) bool {
	if q.MaxAttempts != nil {
		return i+1 >= *q.MaxAttempts
	}
	limit := q.policy(c).Attempts
	return limit != nil && *limit > 1 && c.arrivals[i].try >= *limit
}

func (q *alwaysRetry) answer() Check {
	return q.answers(func(_ string, wrong, seen int) string { return fmt.Sprintf("%d of %d retried", seen-wrong, seen) }).restingOnAbsence()
}
