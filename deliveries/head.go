package deliveries

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// head is what a resuming process needs of a line.
type head struct {
	v            int
	event        Event
	delivery, id string
	start        time.Time
	attempt      int
	outcome      Outcome
	delivered    bool
	host         string
	total        float64 // milliseconds
	key, keyFrom string
	endpoint     string
	members      int // how many of the members above were seen
}

// attemptHead is how many members of an attempt make up its head: when they were seen, the rest of the line is left unread.
const attemptHead = 13

// readHead reads the members of a head wherever they stand, and stops when it has them: in lines that faultline writes they come first.
func readHead(line []byte) (head, bool) {
	var h head
	ok := eachMember(line, func(name string, value []byte) (more, ok bool) {
		known, ok := h.set(name, value)
		if known {
			h.members++
		}
		return h.event != EventAttempt || h.members < attemptHead, ok
	})
	if !ok || h.v != version {
		return head{}, false
	}
	needsDelivery := h.event == EventAttempt || h.event == EventOpen
	return h, !needsDelivery || h.delivery != "" && h.id != "" && h.attempt > 0
}

// set takes a member. known: it is part of a head.
func (h *head) set(name string, value []byte) (known, ok bool) {
	var err error
	switch name {
	case "v":
		h.v, err = strconv.Atoi(string(value))
	case "event":
		err = setText(&h.event, value)
	case "delivery":
		err = setText(&h.delivery, value)
	case "id":
		err = setText(&h.id, value)
	case "start":
		err = h.setStart(value)
	case "attempt":
		h.attempt, err = strconv.Atoi(string(value))
	case "outcome":
		err = setText(&h.outcome, value)
	case "delivered":
		h.delivered = string(value) == "true"
	case "host":
		err = setText(&h.host, value)
	case "ms":
		err = h.setTotal(value)
	case "key":
		err = setText(&h.key, value)
	case "key_from":
		err = setText(&h.keyFrom, value)
	case "endpoint":
		err = setText(&h.endpoint, value)
	default:
		return false, true
	}
	return true, err == nil
}

func (h *head) setStart(value []byte) error {
	var text string
	if err := setText(&text, value); err != nil {
		return err
	}
	start, err := time.Parse(time.RFC3339Nano, text)
	h.start = start
	return err
}

func (h *head) setTotal(value []byte) error {
	var times struct {
		Total float64 `json:"total"`
	}
	err := json.Unmarshal(value, &times)
	h.total = times.Total
	return err
}

// setText decodes a JSON string.
func setText[T ~string](to *T, value []byte) error {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' && bytes.IndexByte(value, '\\') < 0 && utf8.Valid(value) {
		*to = T(value[1 : len(value)-1])
		return nil
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return err
	}
	*to = T(text)
	return nil
}

// eachMember visits the members of a JSON object until one says that no more are wanted. It is false for what is no object, and when a visit says so.
func eachMember(text []byte, visit func(name string, value []byte) (more, ok bool)) bool {
	at, found := expect(text, 0, '{')
	for found {
		begin, isName := expect(text, at, '"')
		if !isName {
			return false
		}
		end := skipString(text, begin-1)
		value, isMember := expect(text, end, ':')
		value = skipSpace(text, value)
		if !isMember || value == len(text) {
			return false
		}
		at = skipValue(text, value)
		more, ok := visit(string(text[begin:end-1]), text[value:at])
		if !ok || !more {
			return ok
		}
		at, found = expect(text, at, ',')
	}
	_, closed := expect(text, at, '}')
	return closed
}

// expect finds c after white space at text[at:], and gives the place behind it.
func expect(text []byte, at int, c byte) (int, bool) {
	at = skipSpace(text, at)
	if at == len(text) || text[at] != c {
		return at, false
	}
	return at + 1, true
}

func skipSpace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n') {
		at++
	}
	return at
}
