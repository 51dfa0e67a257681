package analysis

import (
	"iter"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// Log is what one log, or several, come to. The zero value is ready; it is filled with Add and Unreadable, and judged then. Not safe for concurrent use.
type Log struct {
	deliveries deliveries.Grouper
	grouped    []deliveries.Delivery           // what they came to, nil after a new record
	read       *deliveries.Grouped             // in place of both, when somebody else has grouped them
	failed     *error                          // why they could not be read again
	kept       bool                            // whoever looks at deliveries keeps them
	only       func(*deliveries.Delivery) bool // nil: all

	attempts int
	last     time.Time // the last sign of life
	first    time.Time
	runs     map[string]*run
	starts   []*deliveries.Run // what runs said of themselves, as it came

	lost   []*deliveries.Gap
	unread unread
	blind  map[closing]span // attempts that were faulted before they could be seen
	unseen map[string]int   // CONNECTs that passed though rules had to look inside, by host
}

// run is what is known of one process start.
type run struct {
	span            // from its first sign of life to its last
	attempts int    // records of attempts
	least    uint64 // of their numbers
	most     uint64
	trace    *deliveries.Trace // in place of these, when somebody else has looked
}

// closing is a CONNECT that was faulted, or a listener that was closed for a while.
type closing struct {
	host     string // "": every host
	listener string // "": a CONNECT
	client   string
	start    time.Time
}

// unread are the lines that could not be read.
type unread struct {
	lines int
	first string // the first of them, by place
}

// Add takes the next record. The Log keeps it.
func (l *Log) Add(record deliveries.Record) {
	l.deliveries.Add(record)
	l.grouped = nil
	switch r := record.(type) {
	case *deliveries.Attempt:
		l.attempt(r)
	case *deliveries.Open:
		l.saw(r.Run, r.Start)
	case *deliveries.Run:
		l.starts = append(l.starts, r)
		l.saw(r.Run, r.Start)
	case *deliveries.Connect:
		l.connect(r)
	case *deliveries.Tunnel:
		l.tunnel(r)
	case *deliveries.Other:
		l.saw(r.Run, r.Start)
	case *deliveries.Gap:
		l.lost = append(l.lost, r)
		l.saw(r.Run, r.Until)
	case *deliveries.Change:
		l.saw(r.Run, r.Start)
	case *deliveries.Amend: // has no time, and is applied by the grouping
	}
}

// Unreadable takes note of a line that could not be read.
func (l *Log) Unreadable(line *deliveries.BadLine) {
	l.unread.lines++
	if text := line.Error(); l.unread.first == "" || text < l.unread.first {
		l.unread.first = text
	}
}

// Use takes what deliveries.Group has read, whose other records (Reading.Other) are added besides. It is read again with each question, and is to be closed
// behind the last.
func (l *Log) Use(read *deliveries.Grouped) {
	l.read, l.failed, l.attempts = read, new(error), read.Attempts
	for _, folder := range read.Folders {
		for _, bad := range folder.Bad {
			l.Unreadable(bad)
		}
		l.unread.lines += folder.Unread - len(folder.Bad)
		for _, trace := range folder.Runs {
			l.saw(trace.Run, trace.First)
			l.saw(trace.Run, trace.Last).trace = trace
		}
	}
}

// Err is why deliveries could not be read again, so that what was made of them is not to be told.
func (l *Log) Err() error {
	if l.failed == nil {
		return nil
	}
	return *l.failed
}

// Of is the log with those deliveries alone for which keep is true. What is known of the log itself stays.
func (l *Log) Of(keep func(*deliveries.Delivery) bool) *Log {
	part := *l
	part.only, part.attempts = keep, 0
	for d := range part.all() {
		part.attempts += len(d.Attempts)
	}
	return &part
}

// Runs are the lines that runs wrote about themselves, in the order of the log.
func (l *Log) Runs() []*deliveries.Run { return l.starts }

// Last is the last sign of life in the log.
func (l *Log) Last() time.Time { return l.last }

// all gives every delivery of the sender's that is looked at once, open unless it is acknowledged; it is there until the next, but where they are kept. What faultline
// replay alone has sent says nothing of the sender.
func (l *Log) all() iter.Seq[*deliveries.Delivery] {
	return func(yield func(*deliveries.Delivery) bool) {
		for d := range l.each() {
			if l.wants(d) && !yield(d) {
				return
			}
		}
	}
}

// wants reports whether a delivery is the sender's, and looked at.
func (l *Log) wants(d *deliveries.Delivery) bool { return !d.Foreign() && (l.only == nil || l.only(d)) }

// each gives every delivery.
func (l *Log) each() iter.Seq[*deliveries.Delivery] {
	if l.read != nil {
		return l.again
	}
	return func(yield func(*deliveries.Delivery) bool) {
		if l.grouped == nil {
			l.grouped = l.deliveries.Deliveries(deliveries.Settle{})
		}
		for i := range l.grouped {
			d := l.grouped[i] // whoever looks at it gives it a state of his own
			if !yield(&d) {
				return
			}
		}
	}
}

// spells gives, of each delivery that is looked at in any order, when its attempts went on.
func (l *Log) spells() iter.Seq[[]deliveries.Spell] {
	return func(yield func([]deliveries.Spell) bool) {
		if l.read == nil || l.only != nil {
			for d := range l.all() {
				if !yield(spellsOf(d)) {
					return
				}
			}
			return
		}
		for spells, err := range l.read.Spells() {
			if err != nil {
				*l.failed = err
				return
			}
			if !yield(spells) {
				return
			}
		}
	}
}

func spellsOf(d *deliveries.Delivery) (spells []deliveries.Spell) {
	for _, a := range d.Attempts {
		spells = append(spells, deliveries.Spell{Start: a.Start, End: a.Ended(), Run: a.Run, Try: a.Try})
	}
	for _, o := range d.Unfinished {
		spells = append(spells, deliveries.Spell{Start: o.Start, Run: o.Run})
	}
	return spells
}

// again gives every delivery that somebody else has grouped.
func (l *Log) again(yield func(*deliveries.Delivery) bool) {
	read := l.read.Lent
	if l.kept {
		read = l.read.Deliveries
	}
	for d, err := range read(deliveries.Settle{}) {
		if err != nil {
			*l.failed = err
			return
		}
		if !yield(d) {
			return
		}
	}
}

func (l *Log) attempt(a *deliveries.Attempt) {
	l.attempts++
	r := l.saw(a.Run, a.Start)
	l.saw(a.Run, a.Ended())
	if r.attempts == 0 || a.Seq < r.least {
		r.least = a.Seq
	}
	r.most = max(r.most, a.Seq)
	r.attempts++
}

// connect takes note of attempts that were faulted before they could be seen: a CONNECT, or all that knocked while a listener was closed. Such a listener
// has a line when it closes, and another when it is open again.
func (l *Log) connect(c *deliveries.Connect) {
	l.saw(c.Run, c.Start)
	if c.Until != nil {
		l.saw(c.Run, *c.Until)
	}
	if len(c.Faults) == 0 {
		return
	}
	if l.blind == nil {
		l.blind = make(map[closing]span)
	}
	one := closing{host: hostOfConnect(c.Host), listener: c.Listener, client: c.Client, start: c.Start}
	was, known := l.blind[one]
	switch {
	case c.Until != nil:
		l.blind[one] = span{c.Start, *c.Until}
	case c.Listener == "":
		l.blind[one] = span{c.Start, c.Start}
	case !known || was.to.IsZero():
		l.blind[one] = span{from: c.Start} // closed until the log ends
	}
}

func (l *Log) tunnel(t *deliveries.Tunnel) {
	l.saw(t.Run, t.Start)
	if t.Unseen == 0 {
		return
	}
	if l.unseen == nil {
		l.unseen = make(map[string]int)
	}
	l.unseen[hostOfConnect(t.Host)]++
}

// saw takes a sign of life of a run.
func (l *Log) saw(id string, at time.Time) *run {
	if l.runs == nil {
		l.runs = make(map[string]*run)
	}
	r := l.runs[id]
	if r == nil {
		r = &run{span: span{at, at}}
		l.runs[id] = r
	}
	r.from, r.to = earlier(r.from, at), later(r.to, at)
	if l.first.IsZero() {
		l.first = at
	}
	l.first, l.last = earlier(l.first, at), later(l.last, at)
	return r
}
