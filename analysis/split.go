package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// split is how the deliveries of a log are told apart that are several senders', or one's with several policies: by the values of an attribute.
type split struct {
	by     attribute
	number map[string]int // of a value's group
	groups []group        // the one that shows most comes first; it has the values that are in none
}

// group are values that belong together.
type group struct {
	values []string
	habit  *habit
}

// mostValues is how many values an attribute may have: beyond they tell deliveries apart, not senders. And mostGroups is how many policies one log may have.
const (
	mostValues = 100
	mostGroups = 8
)

// split finds the attribute that tells senders apart; nil when there is one sender, as far as can be seen.
func (s *specimens) split() *split {
	var best *split
	score := 0.0
	for by := range attributeCount {
		if s.repeats(by) {
			continue
		}
		one := s.splitBy(by)
		if len(one.groups) < 2 {
			continue
		}
		const clearly = 15
		if got := s.explained(one); best == nil || got > score+clearly {
			best, score = one, got
		}
	}
	return best
}

// repeats reports whether an attribute tells the same deliveries apart as one that is preferred to it.
func (s *specimens) repeats(by attribute) bool {
	for earlier := range by {
		one, other := make(map[string]string), make(map[string]string)
		same := true
		for _, each := range s.all {
			a, b := each.values[earlier], each.values[by]
			if was, known := one[a]; known && was != b {
				same = false
			}
			if was, known := other[b]; known && was != a {
				same = false
			}
			one[a], other[b] = b, a
		}
		if same {
			return true
		}
	}
	return false
}

// splitBy puts values together whose habits are one sender's: each joins the first group from which it does not differ.
func (s *specimens) splitBy(by attribute) *split {
	habits := make(map[string]*habit)
	for _, one := range s.all {
		value := one.values[by]
		if habits[value] == nil {
			habits[value] = &habit{}
		}
		habits[value].add(one)
	}
	out := &split{by: by, number: make(map[string]int)}
	if len(habits) < 2 || len(habits) > mostValues {
		return out
	}
	values := make([]string, 0, len(habits))
	for value := range habits {
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(habits[b].size()-habits[a].size(), cmp.Compare(a, b)) })
	for _, value := range values {
		out.join(value, habits[value])
		if len(out.groups) > mostGroups {
			return &split{by: by}
		}
	}
	return out
}

func (s *split) join(value string, shows *habit) {
	for i := range s.groups {
		g := &s.groups[i]
		if !g.habit.differs(shows) {
			g.values, g.habit = append(g.values, value), g.habit.merged(shows)
			s.number[value] = i
			return
		}
	}
	s.number[value] = len(s.groups)
	s.groups = append(s.groups, group{[]string{value}, shows})
}

// explained is how well the waits of all groups explain the gaps, less what is held against them.
func (s *specimens) explained(by *split) float64 {
	sum := 0.0
	for _, g := range by.groups {
		if g.habit.gaps.size() == 0 {
			continue
		}
		f := g.habit.fitted()
		sum += f.logLikelihood(g.habit.gaps) - f.costs(g.habit.gaps)
	}
	return sum
}

// of is the group of a delivery.
func (s *split) of(c *course) int { return s.number[attributesOf(c)[s.by]] }

// name is that of a group: host a.test; hosts a.test, b.test and 3 others.
func (s *split) name(i int) string {
	values := slices.Sorted(slices.Values(s.groups[i].values))
	word, more := s.by.String(), ""
	if len(values) > 1 {
		word += "s"
	}
	const shown = 3
	if len(values) > shown {
		values, more = values[:shown], fmt.Sprintf(" and %d others", len(values)-shown)
	}
	return word + " " + strings.Join(values, ", ") + more
}
