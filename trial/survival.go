package trial

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/schema"
)

// downFor begins the name of a rule, which says how long its outage is.
const downFor = "down for "

// rungs is how many lengths an outage can have.
const rungs = 16

// Outages is the text of a scenario in which each delivery meets an outage of its own, as long as its lot says: one of the lengths between shortest and longest, log-uniform.
//
// Each length is a rule that picks its deliveries by lot, the i-th with a chance of 1/i, so that the longest of those that picked a delivery is any of them with
// the same chance: P(none above the k-th) is the product of (i-1)/i over i > k, k in all. The longest come first: a first attempt is met by the rule that says how long its
// delivery's outage is.
func Outages(shortest, longest time.Duration) string {
	var text strings.Builder
	text.WriteString("name = \"survival\"\nseed = 1\n")
	lengths := Lengths(shortest, longest)
	for i := rungs; i >= 1; i-- {
		length := lengths[i-1]
		fmt.Fprintf(&text, "\n[[rule]]\nname = \"%s%s\"\nwhen.age = \"<%[2]s\"\nwhen.chance = %.9[3]f\nwhen.chance_per = \"delivery\"\nstatus = 503\n", downFor, schema.FormatDuration(length), 1/float64(i))
	}
	return text.String()
}

// Lengths are those that an outage can have, the shortest first.
func Lengths(shortest, longest time.Duration) []time.Duration {
	lengths := make([]time.Duration, rungs)
	for i := range lengths {
		share := float64(i) / (rungs - 1)
		lengths[i] = time.Duration(float64(shortest) * math.Pow(float64(longest)/float64(shortest), share)).Round(time.Millisecond)
	}
	return lengths
}

// Life is how long an outage a delivery is known to survive.
type Life struct {
	Age time.Duration // its outage, of one that arrived; else the time from its first attempt to its last
	// Lost says that it would not have survived more; else nobody knows what it would have.
	Lost bool
}

// LifeOf is that of a delivery under Outages. One that arrived has survived its outage, which was drawn before: when it was attempted after that says nothing, and would make
// those who are attempted late look hardy.
func LifeOf(d *deliveries.Delivery) (life Life, ok bool) {
	if len(d.Attempts) == 0 {
		return Life{}, false
	}
	first := d.Attempts[0]
	for _, a := range d.Attempts {
		life.Age = max(life.Age, a.Start.Sub(first.Start))
		if a.Outcome == deliveries.Acknowledged {
			return Life{Age: outageOf(first)}, true
		}
	}
	life.Lost = d.State == deliveries.StateLost
	return life, true
}

// outageOf is the outage that an attempt, the first of its delivery, has met.
func outageOf(a *deliveries.Attempt) time.Duration {
	for _, rule := range a.Rules {
		if text, is := strings.CutPrefix(rule, downFor); is {
			if length, err := schema.ParseDuration(text); err == nil {
				return length
			}
		}
	}
	return 0
}

// Step is a step of a survival curve: from At on so many survive, until the next.
type Step struct {
	At    time.Duration
	Share float64
}

// Curve is the share of deliveries that survive an outage, by its length, as Kaplan and Meier estimate it (J. Am. Stat. Assoc. 53, 1958): a delivery that arrived counts
// among those at risk for as long as it was tried, and says nothing of longer outages. The first step is 1 at 0.
func Curve(lives []Life) []Step {
	sorted := slices.SortedFunc(slices.Values(lives), func(a, b Life) int { return int(a.Age - b.Age) })
	curve := []Step{{0, 1}}
	share := 1.0
	for i := 0; i < len(sorted); {
		at, lost, gone := sorted[i].Age, 0, 0
		for ; i < len(sorted) && sorted[i].Age == at; i++ {
			gone++
			if sorted[i].Lost {
				lost++
			}
		}
		if lost > 0 {
			share *= 1 - float64(lost)/float64(len(sorted)-i+gone)
			curve = append(curve, Step{at, share})
		}
	}
	return curve
}

// Reached is the longest outage that at least a share of the deliveries survive; ok is false where more than that survive the longest that was met.
func Reached(curve []Step, share float64) (at time.Duration, ok bool) {
	for _, step := range curve {
		if step.Share < share {
			return step.At, true
		}
	}
	return 0, false
}

// bins is how finely a closed form is worked out.
const bins = 2000

// ClosedForm is the share of deliveries that a policy has survive an outage, by its length: the sum of its waits, each drawn evenly between its least and its most, is
// longer than that in so many of all cases.
func ClosedForm(waits [][2]time.Duration) []Step {
	longest := time.Duration(0)
	for _, w := range waits {
		longest += w[1]
	}
	if longest == 0 {
		return []Step{{0, 0}}
	}
	width := float64(longest) / bins
	density := make([]float64, bins+1)
	density[0] = 1
	for _, w := range waits {
		density = smeared(density, int(math.Round(float64(w[0])/width)), int(math.Round(float64(w[1])/width)))
	}
	curve := make([]Step, 0, bins+1)
	share := 1.0
	for i, p := range density {
		share = max(0, share-p)
		curve = append(curve, Step{time.Duration(float64(i) * width), share})
	}
	curve[bins].Share = 0
	return curve
}

// smeared is a density to which a draw between two numbers of bins was added.
func smeared(density []float64, least, most int) []float64 {
	sums := make([]float64, len(density)+1)
	for i, p := range density {
		sums[i+1] = sums[i] + p
	}
	added := make([]float64, len(density))
	for i := range added {
		from, to := max(0, i-most), i-least+1
		if to > 0 {
			added[i] = (sums[to] - sums[from]) / float64(most-least+1)
		}
	}
	return added
}

// At is what a curve has at a length of outage.
func At(curve []Step, length time.Duration) float64 {
	share := 1.0
	for _, step := range curve {
		if step.At > length {
			break
		}
		share = step.Share
	}
	return share
}
