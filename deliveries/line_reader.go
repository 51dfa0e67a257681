package deliveries

import (
	"slices"
	"strings"
)

// lineReader reads the lines about attempts (attempt, open, amend), in one pass, the faster the more they are as faultline writes them. The same comes of them
// as of encoding/json, which is asked for every line that it does not take. Texts are parts of the line.
type lineReader struct {
	cursor
	members lineMembers
	days    calendar
	headers bool   // read header fields; otherwise they are left out, and nil
	bodies  bool   // read bodies; likewise
	copied  Copy   // the one that is read
	ruled   Ruling // likewise
}

func newLineReader(headers bool) *lineReader {
	return &lineReader{members: newLineMembers(), headers: headers, bodies: true}
}

// parts is an attempt with what it points to, so that all of it is one piece of memory.
type parts struct {
	Attempt
	target     Target
	answer     Answer
	delivered  bool
	retryAfter int64
}

// read reads a line. It is false for what is no such line, and for one that encoding/json must judge.
func (r *lineReader) read(line string, p *parts) bool {
	r.reset(line)
	*p = parts{}
	r.object(r.members.attempt, p)
	p.Rules, p.Faults = list(p.Rules), list(p.Faults)
	if r.headers {
		p.Request.Header, p.answer.Header = header(p.Request.Header), header(p.answer.Header)
	}
	return r.done() && p.V == version && p.Event != ""
}

// object takes an object. A member that is not known, or is there twice, is left to encoding/json.
func (r *lineReader) object(members []lineMember, p *parts) {
	var seen uint64
	next := 0
	for more := r.begin('{', '}'); more; more = r.more('}') {
		at := r.memberAt(members, next)
		if at < 0 || seen&(1<<at) != 0 {
			r.fail()
			return
		}
		members[at].read(r, p)
		seen, next = seen|1<<at, at+1
	}
}

// memberAt takes a member's name and gives its place, -1 for one that is not known. It ought to be the next, or one soon after.
func (r *lineReader) memberAt(members []lineMember, next int) int {
	for at := next; at < min(next+4, len(members)); at++ {
		if written := members[at].written; strings.HasPrefix(r.text[r.at:], written) {
			r.at += len(written)
			return at
		}
	}
	name := r.name()
	return slices.IndexFunc(members, func(m lineMember) bool { return m.name == name })
}

// record reads a line of any kind. What it gives does not hold on to the lines around it.
func (r *lineReader) record(l line) (Record, error) {
	return r.look(l, strings.Clone(l.text), new(parts))
}

// look gives the record of a line, in p if it can be; its texts are parts of text, which is the line's.
func (r *lineReader) look(l line, text string, p *parts) (Record, error) {
	if r.read(text, p) {
		return p.record(), nil
	}
	record, err := decode([]byte(l.text))
	if err != nil {
		return nil, l.bad(err)
	}
	return record, nil
}

// record is what a line says that was read.
func (p *parts) record() Record {
	switch p.Event {
	case EventAttempt:
		return &p.Attempt
	case EventOpen:
		return p.begun()
	case EventAmend:
		return &Amend{V: p.V, Event: p.Event, ID: p.ID, Run: p.Run, Outcome: p.Outcome, End: p.End, EndedBy: p.EndedBy}
	default:
		return nil
	}
}

// begun is what an open line would say of the attempt.
func (a *Attempt) begun() *Open {
	return &Open{
		V: a.V, Event: EventOpen, Delivery: a.Delivery, Start: a.Start, Attempt: a.Attempt, ID: a.ID, Run: a.Run, Host: a.Host, Rules: a.Rules,
		Key: a.Key, KeyFrom: a.KeyFrom, Endpoint: a.Endpoint,
	}
}
