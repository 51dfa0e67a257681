package analysis_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// crowd is a sender of a known policy, whose attempts are made up: its workers are busy, so that what is due comes late, by milliseconds mostly, by seconds
// now and then.
type crowd struct {
	name     string
	attempts int
	wait     func(try int, draw float64) time.Duration
	obeys    bool // Retry-After
	bug      bool // takes any answer for success
	timeout  time.Duration
	inStep   bool // waits for the full minute
	rekeys   bool
	gone     bool // retries a 410
	want     truth
}

// truth is what must be said of a sender: whatever else is said is a false accusation.
type truth struct {
	shape, jitter string
	first         time.Duration
	obeys         analysis.Obedience
	defects       []string // beginnings of their names
	may           []string // those that depend on what the seed brought, and are true then
}

func exponential(first time.Duration, least float64) func(int, float64) time.Duration {
	return func(try int, draw float64) time.Duration {
		high := float64(first) * math.Pow(2, float64(try-1))
		return time.Duration(high*least + draw*high*(1-least))
	}
}

func steadily(wait time.Duration) func(int, float64) time.Duration {
	return func(int, float64) time.Duration { return wait }
}

// crowds are nine senders.
func crowds() []crowd {
	const s = time.Second
	schedule := []time.Duration{5 * s, 60 * s, 300 * s, 1800 * s, 3600 * s, 7200 * s, 7200 * s}
	return []crowd{
		{name: "none", attempts: 1, timeout: 10 * s, want: truth{shape: "none", defects: []string{"not retried after a non-200 answer"}}},
		{name: "the bug", attempts: 6, bug: true, wait: exponential(2*s, 0), timeout: 10 * s, want: truth{shape: "exponential", jitter: "full", first: 2 * s,
			defects: []string{"not retried after a non-200 answer"}, may: []string{"gives up after"}}},
		{name: "constant", attempts: 4, wait: steadily(5 * s), timeout: 10 * s, want: truth{shape: "constant", jitter: "none", first: 5 * s, defects: []string{"gives up after"}}},
		{name: "exponential", attempts: 6, wait: exponential(2*s, 1), timeout: 10 * s, want: truth{shape: "exponential", jitter: "none", first: 2 * s, defects: []string{"gives up after"}}},
		{name: "full jitter", attempts: 6, wait: exponential(2*s, 0), timeout: 10 * s, want: truth{shape: "exponential", jitter: "full", first: 2 * s, defects: []string{"gives up after"}}},
		{name: "equal jitter, retries a 410", attempts: 6, wait: exponential(2*s, 0.5), gone: true, timeout: 10 * s,
			want: truth{shape: "exponential", jitter: "equal", first: 2 * s, defects: []string{"gives up after", "retries a 410"}}},
		{name: "schedule, obeys", attempts: 8, wait: func(try int, _ float64) time.Duration { return schedule[min(try, len(schedule))-1] }, obeys: true, timeout: 10 * s,
			want: truth{shape: "schedule", jitter: "none", first: 5 * s, obeys: analysis.Obeyed}},
		{name: "in step, without timeout", attempts: 6, inStep: true, wait: steadily(0), want: truth{defects: []string{"gives up after", "retries in step", "no timeout"}}},
		{name: "changes the key", attempts: 6, wait: exponential(2*s, 0), rekeys: true, timeout: 10 * s, want: truth{defects: []string{"changes the key"}}},
	}
}

// late is how late a busy worker is.
func late(r *rand.Rand) time.Duration {
	seconds := r.ExpFloat64() * 0.02
	if r.Float64() < 0.1 {
		seconds += r.Float64() * 2
	}
	return time.Duration(seconds * float64(time.Second))
}

// fate is what an attempt of a delivery meets, by the delivery's number: most fail for a while, some for ever, some not at all.
func fate(r *rand.Rand, delivery, try int) string {
	switch {
	case delivery%10 == 9:
		return "200"
	case delivery%10 == 8:
		return "410"
	case delivery%5 == 0: // for ever
		return []string{"503", "reset"}[r.IntN(2)]
	case delivery%10 == 7 && try == 1:
		return "hang"
	case delivery%10 == 6 && try == 1:
		return "429+20s"
	case try <= 2+r.IntN(3):
		return []string{"503", "500", "reset"}[r.IntN(3)]
	default:
		return "200"
	}
}

// log is what the proxy would write of n deliveries.
func (c crowd) log(t testing.TB, seed uint64, n int) []deliveries.Record {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2026))
	var b strings.Builder
	for i := range n {
		began := time.Duration(i) * 200 * time.Millisecond
		key, text := fmt.Sprintf("wh_%03d", i), ""
		began += late(r)
		start := began
		for try := 1; try <= c.attempts; try++ {
			ending := fate(r, i, try)
			if c.inStep && ending == "200" && start < time.Minute { // a true outage, which all of them meet
				ending = "503"
			}
			took := 5 * time.Millisecond
			if ending == "hang" {
				took = c.timeout
				if c.timeout == 0 {
					ending, took = "held", 10*time.Minute
				}
			}
			shown := fmt.Sprintf("%s@%s", ending, took)
			if c.rekeys {
				b.WriteString(fmt.Sprintf("%s-%d body=the-event-of-%s %s %s\n", key, try, key, start, shown))
			} else if text == "" {
				text = fmt.Sprintf("%s %s %s", key, start, shown)
			} else {
				text += " " + shown
			}
			over := start + took
			if c.stops(ending) {
				break
			}
			wait := c.pause(try, r.Float64(), over, ending) + late(r)
			if c.inStep {
				wait = c.pause(try, 0, over, ending) + time.Duration(r.Float64()*float64(300*time.Millisecond))
			}
			if try < c.attempts && !c.rekeys {
				text += " " + wait.String()
			}
			start = over + wait
		}
		b.WriteString(text + "\n")
	}
	return makeLog(t, b.String()+".other 1000h")
}

// stops reports whether the sender makes no further attempt after an ending.
func (c crowd) stops(ending string) bool {
	isStatus := ending[0] >= '0' && ending[0] <= '9'
	return ending == "200" || ending == "410" && !c.gone || c.bug && isStatus
}

// pause is how long it waits after a try that ended at over.
func (c crowd) pause(try int, draw float64, over time.Duration, ending string) time.Duration {
	if c.inStep { // at the next full minute
		return time.Minute - over%time.Minute
	}
	if c.wait == nil {
		return 0
	}
	wait := c.wait(try, draw)
	if c.obeys && strings.HasPrefix(ending, "429") {
		return max(wait, 20*time.Second)
	}
	return wait
}

// Nine senders by twenty seeds: each is named right, and none is accused falsely. The matrix is printed, and stands in the docs.
func TestConfusion(t *testing.T) {
	const seeds = 20
	matrix := fmt.Sprintf("%-28s %5s %6s %5s %5s %7s  %s\n", "sender", "shape", "jitter", "first", "obeys", "defects", "falsely accused")
	for _, c := range crowds() {
		var right struct{ shape, jitter, first, obeys, defects, innocent int }
		for seed := range uint64(seeds) {
			r := analysis.Judge(logOf(c.log(t, seed, 100)), analysis.Question{})
			p := r.Policy
			right.shape += one(c.want.shape == "" || string(p.Shape) == c.want.shape)
			right.jitter += one(c.want.jitter == "" || string(p.Jitter) == c.want.jitter)
			right.first += one(c.want.first == 0 || p.First != nil && near(*p.First, c.want.first, c.want.jitter))
			right.obeys += one(c.want.obeys == "" || p.Obeys == c.want.obeys)
			missing, extra := c.compare(r)
			right.defects += one(len(missing) == 0)
			right.innocent += one(len(extra) == 0)
			if len(missing)+len(extra) > 0 || right.shape+right.jitter+right.first+right.obeys < 4*int(seed+1) {
				t.Logf("%s, seed %d: %s; missing %q, extra %q", c.name, seed, p.String(), missing, extra)
			}
		}
		matrix += fmt.Sprintf("%-28s %5d %6d %5d %5d %7d  %d\n", c.name, right.shape, right.jitter, right.first, right.obeys, right.defects, seeds-right.innocent)
		require.Equal(t, struct{ shape, jitter, first, obeys, defects, innocent int }{seeds, seeds, seeds, seeds, seeds, seeds}, right, c.name)
	}
	t.Log("\n" + matrix)
	page, err := os.ReadFile("../docs/verdict.md")
	require.NoError(t, err)
	require.Contains(t, string(page), matrix)
}

// compare tells which defects are missing, and which are said that are none.
func (c crowd) compare(r *analysis.Report) (missing, extra []string) {
	for _, want := range c.want.defects {
		found := false
		for _, d := range r.Defects {
			found = found || strings.HasPrefix(d.Name, want)
		}
		if !found {
			missing = append(missing, want)
		}
	}
	for _, d := range r.Defects {
		wanted := false
		for _, want := range slices.Concat(c.want.defects, c.want.may) {
			wanted = wanted || strings.HasPrefix(d.Name, want)
		}
		if !wanted {
			extra = append(extra, d.Name)
		}
	}
	return missing, extra
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// near is within a tenth; the longest wait of a full jitter is known less exactly, as few waits come near it.
func near(got, want time.Duration, jitter string) bool {
	within := 0.1
	if jitter == "full" {
		within = 0.3
	}
	return math.Abs(float64(got-want)) <= within*float64(want)
}
