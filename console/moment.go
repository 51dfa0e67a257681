package console

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/faultline/faultline/deliveries"
)

// moment is a line of the log about an attempt: its own, that of its being open, or an amend. Only its line is kept; it is read when somebody looks.
type moment struct {
	event deliveries.Event
	id    string // of the attempt
	line  []byte // without the newline
	shown bool   // somebody has got it: what it is made of stays as it is

	read   sync.Once
	record deliveries.Record
}

func newMoment(event deliveries.Event, id string, line []byte) *moment {
	return &moment{event: event, id: id, line: line[:len(line)-1]}
}

// attemptMoment is that of an attempt's own line, without the body.
func attemptMoment(a *deliveries.Attempt, line []byte) *moment {
	if a.Request.Body != nil {
		bare := *a
		bare.Request.Body = nil
		line = lineOf(&bare)
	}
	return newMoment(deliveries.EventAttempt, a.ID, line)
}

// amended is the moment of the attempt as the amend corrects it.
func (m *moment) amended(with *deliveries.Amend) *moment {
	var a deliveries.Attempt
	m.decode(&a)
	a.Outcome, a.End, a.EndedBy = with.Outcome, with.End, with.EndedBy
	return newMoment(deliveries.EventAttempt, m.id, lineOf(&a))
}

// lineOf is a record's line.
func lineOf(record deliveries.Record) []byte {
	line, err := deliveries.Line(record)
	if err != nil {
		panic(fmt.Sprintf("console: %v", err)) // the same was written to the log: cannot be
	}
	return line
}

// attempt is the attempt without its headers, nil when the moment is of another kind. Nobody may change it.
func (m *moment) attempt() *deliveries.Attempt {
	a, _ := m.look().(*deliveries.Attempt)
	return a
}

// look is what the line says, nil for an amend, which is applied already. Nobody may change it.
func (m *moment) look() deliveries.Record {
	m.read.Do(func() {
		switch m.event {
		case deliveries.EventAttempt:
			var a deliveries.Attempt
			m.decode(&a)
			a.Request.Header = nil
			if a.Answer != nil {
				a.Answer.Header = nil
			}
			m.record = &a
		case deliveries.EventOpen:
			var o deliveries.Open
			m.decode(&o)
			m.record = &o
		case deliveries.EventAmend: // is in its attempt
		default:
			panic(fmt.Sprintf("console: %q is remembered", m.event))
		}
	})
	return m.record
}

func (m *moment) decode(record deliveries.Record) {
	if err := json.Unmarshal(m.line, record); err != nil {
		panic(fmt.Sprintf("console: read what was written: %v", err)) // by the same types: cannot be
	}
}

// besideLine is what a moment takes beside its line.
const besideLine = 200

func (m *moment) bytes() int { return besideLine + len(m.line) }
