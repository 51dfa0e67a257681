package deliveries

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// lineText is an attempt's line in the making. Most lines are those of attempts, and each is made before its sender is answered: encoding/json would take as
// long as all else that is done about the record. What is written is what encoding/json writes, which a test holds it to; texts that need an escape, and bodies, are
// left to it.
type lineText struct {
	b   []byte
	err error // of a body that cannot be encoded
}

// appendAttempt appends an attempt's line, with its newline.
func appendAttempt(to []byte, a *Attempt) ([]byte, error) {
	t := lineText{b: to}
	t.b = append(t.b, `{"v":`...)
	t.b = strconv.AppendInt(t.b, int64(a.V), 10)
	t.text(`,"event":`, string(a.Event))
	t.text(`,"delivery":`, a.Delivery)
	t.time(`,"start":`, a.Start)
	t.int(`,"attempt":`, int64(a.Attempt))
	t.text(`,"outcome":`, string(a.Outcome))
	t.text(`,"reached":`, string(a.Reached))
	t.known(`,"delivered":`, a.Delivered)
	t.text(`,"host":`, a.Host)
	t.ms(`,"ms":{"decide":`, a.MS.Decide)
	t.ms(`,"target":`, a.MS.Target)
	t.ms(`,"first_byte":`, a.MS.FirstByte)
	t.ms(`,"total":`, a.MS.Total)
	t.text(`},"key":`, a.Key)
	t.text(`,"key_from":`, a.KeyFrom)
	t.text(`,"endpoint":`, a.Endpoint)
	t.text(`,"id":`, a.ID)
	t.text(`,"run":`, a.Run)
	t.text(`,"proxy":`, a.Proxy)
	t.b = strconv.AppendUint(append(t.b, `,"seq":`...), a.Seq, 10)
	t.given(`,"try":`, a.Try)
	t.given(`,"created":`, a.Created)
	t.given(`,"replay":`, a.Replay)
	t.text(`,"counted":`, a.Counted)
	t.text(`,"placement":`, a.Placement)
	t.true(`,"tunnelled":`, a.Tunnelled)
	t.text(`,"client":`, a.Client)
	t.text(`,"method":`, a.Method)
	t.text(`,"url":`, a.URL)
	t.request(&a.Request)
	t.texts(`,"rules":`, a.Rules)
	t.texts(`,"faults":`, a.Faults)
	t.text(`,"phase":`, a.Phase)
	t.text(`,"scenario":`, a.Scenario)
	t.counted(`,"revision":`, int64(a.Revision))
	t.decided(a.Decided)
	t.target(a.Target)
	t.copies(a.Copies)
	if len(a.LeftAlone) > 0 {
		t.texts(`,"left_alone":`, a.LeftAlone)
	}
	t.answer(a.Answer)
	t.text(`,"end":`, string(a.End))
	t.text(`,"ended_by":`, string(a.EndedBy))
	t.text(`,"error":`, a.Error)
	if t.err != nil {
		return nil, fmt.Errorf("encode %q record: %w", a.event(), t.err)
	}
	return append(t.b, "}\n"...), nil
}

func (t *lineText) request(m *Message) {
	t.int(`,"request":{"bytes":`, m.Bytes)
	t.counted(`,"announced":`, m.Announced)
	t.text(`,"sha256":`, m.SHA256)
	t.header(`,"header":`, m.Header)
	t.b = append(t.b, `,"body":`...)
	if m.Body == nil {
		t.b = append(t.b, "null}"...)
		return
	}
	t.any(m.Body)
	t.b = append(t.b, '}')
}

func (t *lineText) decided(all []Ruling) {
	if len(all) == 0 {
		return
	}
	t.b = append(t.b, `,"decided":[`...)
	for i, one := range all {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		t.b = strconv.AppendUint(append(t.b, `{"order":`...), one.Order, 10)
		t.number(`,"ms":`, roundPrecise(one.MS))
		t.b = append(t.b, '}')
	}
	t.b = append(t.b, ']')
}

func (t *lineText) target(at *Target) {
	if at == nil {
		t.b = append(t.b, `,"target":null`...)
		return
	}
	t.int(`,"target":{"status":`, int64(at.Status))
	t.int(`,"bytes":`, at.Bytes)
	t.ms(`,"ms":`, at.MS)
	t.text(`,"error":`, at.Error)
	t.text(`,"addr":`, at.Addr)
	t.b = strconv.AppendBool(append(t.b, `,"reused":`...), at.Reused)
	t.b = append(t.b, '}')
}

func (t *lineText) copies(all []Copy) {
	if len(all) == 0 {
		return
	}
	t.b = append(t.b, `,"copies":[`...)
	for i, one := range all {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		t.int(`{"status":`, int64(one.Status))
		t.known(`,"delivered":`, one.Delivered)
		t.int(`,"bytes":`, one.Bytes)
		t.ms(`,"ms":`, one.MS)
		t.text(`,"error":`, one.Error)
		t.text(`,"addr":`, one.Addr)
		t.b = append(t.b, '}')
	}
	t.b = append(t.b, ']')
}

func (t *lineText) answer(a *Answer) {
	if a == nil {
		t.b = append(t.b, `,"answer":null`...)
		return
	}
	t.int(`,"answer":{"status":`, int64(a.Status))
	t.int(`,"bytes":`, a.Bytes)
	if a.RetryAfterMS == nil {
		t.b = append(t.b, `,"retry_after_ms":null`...)
	} else {
		t.int(`,"retry_after_ms":`, *a.RetryAfterMS)
	}
	t.header(`,"header":`, a.Header)
	t.b = append(t.b, '}')
}

// text appends a member's name, as it is written, and its value.
func (t *lineText) text(name, value string) {
	t.b = append(t.b, name...)
	t.quoted(value)
}

// given is as text, unless there is none.
func (t *lineText) given(name, value string) {
	if value != "" {
		t.text(name, value)
	}
}

func (t *lineText) quoted(value string) {
	if !plainText(value) {
		t.any(value)
		return
	}
	t.b = append(t.b, '"')
	t.b = append(t.b, value...)
	t.b = append(t.b, '"')
}

// plainText reports whether a text stands in JSON as it is.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func (t *lineText) texts(name string, values []string) {
	t.b = append(append(t.b, name...), '[')
	for i, value := range values {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		t.quoted(value)
	}
	t.b = append(t.b, ']')
}

// header appends fields by their names' order. Those that have no value are left out: net/http reads a nil value as "leave this field out".
func (t *lineText) header(name string, h map[string][]string) {
	var few [32]string
	names := few[:0]
	for name, values := range h {
		if len(values) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	t.b = append(append(t.b, name...), '{')
	for i, name := range names {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		t.quoted(name)
		t.texts(":", h[name])
	}
	t.b = append(t.b, '}')
}

func (t *lineText) time(name string, at time.Time) {
	t.b = append(append(t.b, name...), '"')
	t.b = append(appendTime(t.b, at), '"')
}

func (t *lineText) int(name string, n int64) { t.b = strconv.AppendInt(append(t.b, name...), n, 10) }

// counted is as int, unless it is 0.
func (t *lineText) counted(name string, n int64) {
	if n != 0 {
		t.int(name, n)
	}
}

// true appends a member that is there only when it is true.
func (t *lineText) true(name string, is bool) {
	if is {
		t.b = append(append(t.b, name...), "true"...)
	}
}

// known appends what may not be known.
func (t *lineText) known(name string, is *bool) {
	t.b = append(t.b, name...)
	if is == nil {
		t.b = append(t.b, "null"...)
		return
	}
	t.b = strconv.AppendBool(t.b, *is)
}

// ms appends milliseconds, to the microsecond.
func (t *lineText) ms(name string, ms float64) {
	micros := math.Round(ms * 1000)
	if !(micros >= 1 && micros < 1e15) {
		t.number(name, micros/1000)
		return
	}
	t.b = append(t.b, name...)
	n := int64(micros)
	t.b = strconv.AppendInt(t.b, n/1000, 10)
	if part := n % 1000; part > 0 {
		digits := []byte{'.', '0' + byte(part/100), '0' + byte(part/10%10), '0' + byte(part%10)}
		t.b = append(t.b, bytes.TrimRight(digits, "0")...)
	}
}

// number appends a number as encoding/json does. Only those that it writes without an exponent are common.
func (t *lineText) number(name string, f float64) {
	t.b = append(t.b, name...)
	if f != 0 && !(f >= 1e-6 && f < 1e21) {
		t.any(f)
		return
	}
	t.b = strconv.AppendFloat(t.b, f, 'f', -1, 64)
}

// any leaves a value to encoding/json.
func (t *lineText) any(value any) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		t.err = err
		return
	}
	t.b = append(t.b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}
