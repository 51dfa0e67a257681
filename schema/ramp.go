package schema

import (
	"time"
)

// Ramp is a number that grows or falls evenly over a time and then stays. The zero Ramp is always 0.
type Ramp struct {
	From, To float64
	Over     time.Duration // 0: no ramp, To at once
}

// At is the number after a time.
func (r Ramp) At(elapsed time.Duration) float64 {
	if elapsed >= r.Over {
		return r.To
	}
	return r.From + (r.To-r.From)*float64(max(0, elapsed))/float64(r.Over)
}

// Flat is a ramp that is value from the beginning.
func Flat(value float64) Ramp { return Ramp{From: value, To: value} }

// DurationRamp is a field of a duration, or of a ramp between two; the Ramp holds nanoseconds.
func DurationRamp(to *Ramp, key, doc string) Field {
	return ramp(to, key, "duration", wantDuration, doc, func(v Value) (float64, bool) {
		d, ok := ofText(ParseDuration)(v)
		return float64(d), ok
	})
}

// ShareRamp is a field of a share, or of a ramp between two.
func ShareRamp(to *Ramp, key, doc string) Field {
	return ramp(to, key, "share", wantShare, doc, readShare)
}

func ramp(to *Ramp, key, kind, allowed, doc string, read func(Value) (float64, bool)) Field {
	allowed += ", or a table { from, to, over }"
	return Field{Key: key, Type: kind + " or ramp", Allowed: allowed, Doc: doc, read: func(v Value) {
		if _, isTable := v.Raw.(map[string]any); isTable {
			readRamp(v, to, kind, read)
			return
		}
		value, ok := read(v)
		if !ok {
			v.Reject("not "+article(kind), allowed, "")
			return
		}
		*to = Flat(value)
	}}
}

func readRamp(v Value, to *Ramp, kind string, read func(Value) (float64, bool)) {
	allowed := map[string]string{"duration": wantDuration, "share": wantShare}[kind]
	v.Read(
		scalar(&to.From, "from", kind, allowed, "", "what it begins with", read).Needed(),
		scalar(&to.To, "to", kind, allowed, "", "what it ends with, and stays at", read).Needed(),
		positive(&to.Over, "over", "how long it takes").Needed(),
	)
}

// positive is a duration above 0.
func positive(to *time.Duration, key, doc string) Field {
	return scalar(to, key, "duration", wantDuration+" above 0", "", doc, func(v Value) (time.Duration, bool) {
		d, ok := ofText(ParseDuration)(v)
		return d, ok && d > 0
	})
}
