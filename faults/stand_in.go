package faults

import (
	"strings"

	"github.com/faultline/faultline/schema"
)

// standIn is the answer that a fault bends when the target was not asked: a 200 with a small body, unless the scenario says otherwise.
type standIn struct {
	code int
	body string
}

func newStandIn() standIn { return standIn{code: 200, body: `{"received":true}`} }

func (s *standIn) fields() []schema.Field {
	return []schema.Field{
		schema.Int(&s.code, "code", 200, 599, "the status of the stand-in that is bent when the target was not asked"),
		schema.String(&s.body, "body", "the stand-in's body"),
	}
}

func (s *standIn) check(v schema.Value) {
	if s.code == 204 || s.code == 304 {
		v.Key("code").Reject("has no body to bend", "a status of an answer with a body", "")
	}
}

func (s *standIn) answer() Answer {
	return Answer{Status: s.code, Header: map[string][]string{"Content-Type": {"application/json"}}, Body: []byte(s.body)}
}

const wantAmount = `a number of bytes, a size such as "4KiB", or a share such as "50%"`

// amountField is a field of a part of a body.
func amountField(to *Amount, key, def, doc string) schema.Field {
	f := schema.Func(key, "amount", wantAmount, doc, func(v schema.Value) {
		amount, ok := readAmount(v)
		if !ok {
			v.Reject("not an amount", wantAmount, "")
			return
		}
		*to = amount
	})
	f.Default = def
	return f
}

func readAmount(v schema.Value) (Amount, bool) {
	if n, isNumber := v.Raw.(int64); isNumber {
		return Amount{Of: float64(n)}, n >= 0
	}
	text, isText := v.Raw.(string)
	if !isText {
		return Amount{}, false
	}
	if strings.HasSuffix(text, "%") {
		share, err := schema.ParseShare(text)
		return Amount{Share: true, Of: share}, err == nil
	}
	size, err := schema.ParseSize(text)
	return Amount{Of: float64(size)}, err == nil
}

// bent are the parts of a fault that begins an answer and then ends it with these steps.
func bent(begin Begin, s *standIn, ends ...Step) []Part {
	begin.Answer = s.answer()
	own := begin
	own.Own = true
	parts := []Part{{Stage: StageTerminal, Step: begin, Own: own, Ends: true}}
	for _, end := range ends {
		parts = append(parts, Part{Stage: StageTerminal, Step: end, Ends: true})
	}
	return parts
}
