package faults

import (
	"fmt"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// String is the plan in words, a word or a few for each step: "wait 800ms, forward, relay".
func (p Plan) String() string {
	words := make([]string, len(p.Steps))
	for i, step := range p.Steps {
		words[i] = step.String()
	}
	return strings.Join(words, ", ")
}

// The steps in words.
func (s Wait) String() string { return "wait " + schema.FormatDuration(s.For.Round(time.Millisecond)) }
func (s Throttle) String() string {
	switch {
	case s.Down == 0:
		return "up at " + schema.FormatRate(s.Up)
	case s.Up == 0:
		return "down at " + schema.FormatRate(s.Down)
	default:
		return "up at " + schema.FormatRate(s.Up) + " and down at " + schema.FormatRate(s.Down)
	}
}
func (s Rewrite) String() string {
	if s.Answer {
		return "rewrite the answer"
	}
	return "rewrite the request"
}
func (s Duplicate) String() string {
	text := fmt.Sprintf("duplicate by %d", s.More)
	if s.Apart > 0 {
		text += " apart " + schema.FormatDuration(s.Apart)
	}
	return text
}
func (s Corrupt) String() string {
	if s.JSON {
		return "break its JSON"
	}
	return fmt.Sprintf("corrupt %d", s.Bytes)
}
func (Forward) String() string { return "forward" }
func (Deliver) String() string { return "deliver" }
func (HearOut) String() string { return "hear out" }
func (s Hold) String() string {
	if s.For == 0 {
		return "hold"
	}
	return "hold " + schema.FormatDuration(s.For)
}
func (s Begin) String() string {
	if s.Own {
		return fmt.Sprintf("begin the target's up to %s", s.After)
	}
	return fmt.Sprintf("begin %d up to %s", s.Answer.Status, s.After)
}
func (Raw) String() string       { return "raw" }
func (s Interim) String() string { return fmt.Sprintf("interim %d", s.Status) }
func (Relay) String() string     { return "relay" }
func (s Answer) String() string {
	switch {
	case s.RetryAfter > 0:
		return fmt.Sprintf("answer %d, retry after %s", s.Status, schema.FormatDuration(s.RetryAfter))
	case !s.RetryAt.IsZero():
		return fmt.Sprintf("answer %d, retry at %s", s.Status, s.RetryAt.UTC().Format("15:04:05.999Z"))
	default:
		return fmt.Sprintf("answer %d", s.Status)
	}
}
func (s Reset) String() string {
	if s.Midway {
		return "reset midway"
	}
	return "reset"
}
func (s Cut) String() string {
	if s.Time > 0 {
		return fmt.Sprintf("cut after %s as %s", schema.FormatDuration(s.Time), s.As)
	}
	return fmt.Sprintf("cut after %s as %s", schema.FormatSize(s.Bytes), s.As)
}
func (Finish) String() string    { return "finish" }
func (Alert) String() string     { return "alert" }
func (s Present) String() string { return "present " + string(s.Flaw) }

// String is the amount in words.
func (a Amount) String() string {
	if a.Share {
		return schema.FormatShare(a.Of)
	}
	return schema.FormatSize(int64(a.Of))
}
