package analysis

import (
	"cmp"
	"slices"
)

// lane is a rule, and when it fired.
type lane struct {
	Rule, Says string
	Fired      []rect

	name       string
	first, all int
}

// mostLanes is how many rules are drawn.
const mostLanes = 8

// rules are those that fired most often, in the order in which they began to, and how many others there are.
func (p *timePlot) rules() (lanes []lane, left int) {
	for rule, fired := range p.lanes {
		one := lane{name: rule, Rule: readable(rule, 80), Fired: stretches(fired), first: slices.IndexFunc(fired, func(n int) bool { return n > 0 })}
		for _, n := range fired {
			one.all += n
		}
		one.Says = "fired " + thousands(one.all) + "×"
		lanes = append(lanes, one)
	}
	slices.SortFunc(lanes, func(a, b lane) int { return cmp.Or(b.all-a.all, cmp.Compare(a.name, b.name)) })
	left = max(0, len(lanes)-mostLanes)
	lanes = lanes[:len(lanes)-left]
	slices.SortFunc(lanes, func(a, b lane) int { return cmp.Or(a.first-b.first, cmp.Compare(a.name, b.name)) })
	return lanes, left
}

// stretches are the steps in which there was something, those that touch as one.
func stretches(counts []int) []rect {
	n := float64(len(counts))
	var all []rect
	for i := 0; i < len(counts); i++ {
		from := i
		for i < len(counts) && counts[i] > 0 {
			i++
		}
		if i > from {
			all = append(all, rect{X: share(float64(from) / n), W: share(float64(i-from) / n)})
		}
	}
	return all
}
