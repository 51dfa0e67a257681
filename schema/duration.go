package schema

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
)

// wantDuration is what a duration looks like, for people.
const wantDuration = `a duration such as "30s" (units ms, s, m, h, d)`

// durationUnits are the units of a duration, longest first.
var durationUnits = [...]struct {
	name string
	unit time.Duration
}{
	{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// ParseDuration reads "800ms", "1.5s", "1h30m": decimals with the units ms, s, m, h and d, the longer before the shorter, never negative.
// What is finer than a nanosecond is cut off.
func ParseDuration(text string) (time.Duration, error) {
	if text == "" || len(text) > maxScalar {
		return 0, errNotA("duration", text)
	}
	var total time.Duration
	longest := time.Duration(math.MaxInt64)
	for rest := text; rest != ""; {
		number, unit, after := splitUnit(rest)
		size, known := durationUnit(unit)
		if number == "" || !known || size >= longest {
			return 0, errNotA("duration", text)
		}
		part, fits := times(number, size)
		if !fits || part > math.MaxInt64-total {
			return 0, fmt.Errorf("duration %s is too long", quote(text))
		}
		total, longest, rest = total+part, size, after
	}
	return total, nil
}

// FormatDuration is the shortest text that ParseDuration reads as d (down to a millisecond, below that decimals of one).
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range durationUnits {
		if u.name == "ms" && d%time.Millisecond != 0 {
			fmt.Fprintf(&b, "%gms", float64(d)/float64(time.Millisecond))
			break
		}
		if n := d / u.unit; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d %= u.unit
		}
	}
	return b.String()
}

// maxScalar bounds the text of a number with its unit.
const maxScalar = 64

func errNotA(what, text string) error { return fmt.Errorf("%s is not a %s", quote(text), what) }

func durationUnit(name string) (time.Duration, bool) {
	for _, u := range durationUnits {
		if u.name == name {
			return u.unit, true
		}
	}
	return 0, false
}

// splitUnit cuts "1.5h30m" into "1.5", "h" and "30m"; number is "" when there is no decimal number at the beginning.
func splitUnit(text string) (number, unit, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		return "", "", ""
	}
	number, rest = text[:end], text[end:]
	if !decimal(number) {
		return "", "", ""
	}
	end = strings.IndexFunc(rest, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' })
	if end < 0 {
		return number, rest, ""
	}
	return number, rest[:end], rest[end:]
}

// decimal reports whether text is digits, or digits, a point and digits.
func decimal(text string) bool {
	whole, fraction, pointed := strings.Cut(text, ".")
	return digits(whole) && (!pointed || digits(fraction))
}

func digits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// times is number × unit, cut down to whole nanoseconds; fits is false when that is more than a Duration holds.
func times(number string, unit time.Duration) (product time.Duration, fits bool) {
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, false
	}
	r.Mul(r, new(big.Rat).SetInt64(int64(unit)))
	n := new(big.Int).Quo(r.Num(), r.Denom())
	return time.Duration(n.Int64()), n.IsInt64()
}
