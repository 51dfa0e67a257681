package deliveries

import (
	"strings"
	"time"
)

// Trace is what a log holds of one run, besides its deliveries.
type Trace struct {
	Run         string    // its id; "" for lines that name none
	Said        []*Run    // what it said of itself: at its start, and at each reload; not what segments repeat of it
	First, Last time.Time // the earliest and the latest sign of life; should the clock have been set back, Last is by the clock as it was then
	Attempts    int       // lines
	SetBack     int       // how often its clock was set back, as far as its attempts show it
	Missing     []Numbers // of attempts that are not there: lost records; the first 10 000 such holes
	Lost        uint64    // how many these are, all together
	Cut         uint64    // how many attempts stood in segments that were removed (log.keep)

	clock clock
	seqs  sequence
	since time.Time // the latest sign of life since the clock was set back
}

func (t *Trace) saw(at time.Time) {
	if t.First.IsZero() || at.Before(t.First) {
		t.First = at
	}
	t.Last, t.since = later(t.Last, at), later(t.since, at)
}

// attempt takes the next attempt, and gives how often the clock was set back before.
func (t *Trace) attempt(a sign) int {
	t.Attempts++
	before := t.clock.steps
	steps := t.clock.saw(a)
	if steps > before {
		t.since = time.Time{}
	}
	if a.seq > 0 {
		t.seqs.saw(a.seq)
	}
	t.saw(a.began)
	t.saw(a.ended)
	return steps
}

// run takes what it says of itself. A segment begins with what was said last.
func (t *Trace) run(r *Run) {
	t.saw(r.Start)
	if n := len(t.Said); n > 0 {
		head := *t.Said[n-1]
		head.Reload = r.Reload
		if head == *r {
			return
		}
	}
	t.Said = append(t.Said, r)
}

// end is the latest sign of life, as far as it is known by now.
func (t *Trace) end() time.Time {
	if t.clock.steady() || t.since.IsZero() {
		return t.Last
	}
	return t.since
}

// finish sets what is known when all lines were read. cut: the log once began earlier.
func (t *Trace) finish(cut bool) {
	t.Last = t.end()
	if !t.clock.steady() {
		t.SetBack = t.clock.steps
	}
	if t.seqs.counted(t.Attempts) {
		t.Missing, t.Lost = t.seqs.missing, t.seqs.count()
	}
	if cut && len(t.Missing) > 0 && t.Missing[0].From == 1 {
		t.Cut = t.Missing[0].To
		t.Missing = t.Missing[1:]
		t.Lost -= t.Cut
	}
}

// traces are those of the runs of a log, in the order in which they first appeared.
type traces struct {
	all  []*Trace
	byID map[string]*Trace
	last *Trace // most lines are of the run of the line before
}

// of gives the trace of a run.
func (ts *traces) of(run string) *Trace {
	if ts.last != nil && ts.last.Run == run {
		return ts.last
	}
	t := ts.byID[run]
	if t == nil {
		if ts.byID == nil {
			ts.byID = make(map[string]*Trace)
		}
		t = &Trace{Run: strings.Clone(run)}
		ts.byID[t.Run] = t
		ts.all = append(ts.all, t)
	}
	ts.last = t
	return t
}

// saw takes the next record that is no attempt.
func (ts *traces) saw(record Record) {
	switch r := record.(type) {
	case *Run:
		ts.of(r.Run).run(r)
	case *Open:
		ts.of(r.Run).saw(r.Start)
	case *Connect:
		ts.of(r.Run).saw(r.Start)
		if r.Until != nil {
			ts.of(r.Run).saw(*r.Until)
		}
	case *Tunnel:
		ts.of(r.Run).saw(r.Start)
		ts.of(r.Run).saw(r.Start.Add(milliseconds(r.MS.Total)))
	case *Other:
		ts.of(r.Run).saw(r.Start)
	case *Gap:
		ts.of(r.Run).saw(r.Until)
	case *Change:
		ts.of(r.Run).saw(r.Start)
	case *Attempt, *Amend: // an attempt is taken by its trace, an amend has no time
	}
}

// end is the latest sign of life of all of them.
func (ts *traces) end() (end time.Time) {
	for _, t := range ts.all {
		end = later(end, t.end())
	}
	return end
}

// newest is the run that appeared last: all others have ended.
func (ts *traces) newest() string {
	if len(ts.all) == 0 {
		return ""
	}
	return ts.all[len(ts.all)-1].Run
}

// steady reports whether the times of a run's attempts can be compared.
func (ts *traces) steady(run string) bool { return ts.of(run).clock.steady() }
