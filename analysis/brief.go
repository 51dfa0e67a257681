package analysis

import (
	"fmt"
	"strings"
	"time"
)

// Brief is the answer as short as it goes: "delivered FAIL 98% < 100%".
func (c Check) Brief() string {
	key := strings.TrimPrefix(c.Name, "untouched.")
	compare, unit := inWords, aNumber
	for _, q := range questions() {
		if q.key == key {
			compare, unit = q.compare, q.unit
		}
	}
	if c.Result == Inconclusive || compare == inWords || c.Figure == nil {
		return fmt.Sprintf("%s %s: %s", c.Name, c.Result.shown(), c.Text)
	}
	return fmt.Sprintf("%s %s %s %s %s", c.Name, c.Result.shown(), unit.text(*c.Figure), compare.sign(c.Result), unit.text(*c.Limit))
}

// shown is the result as people see it: what is wrong stands out.
func (r Result) shown() string {
	if r == Fail {
		return "FAIL"
	}
	return string(r)
}

// sign is what holds between figure and limit.
func (c comparison) sign(r Result) string {
	switch {
	case c == atLeast && r == Fail:
		return "<"
	case c == atLeast:
		return ">="
	case r == Fail:
		return ">"
	default:
		return "<="
	}
}

func (u unit) text(figure float64) string {
	switch u {
	case aShare:
		return percent(figure)
	case aTime:
		return period(time.Duration(figure * float64(time.Millisecond)))
	case aNumber:
		return decimal(figure)
	default:
		panic(fmt.Sprintf("analysis: unit %d", int(u)))
	}
}
