package schema

import (
	"fmt"
	"math"
	"strconv"
)

// wantSize is what a size looks like, for people.
const wantSize = `a size such as "64KiB" (units B, KiB, MiB, GiB, kB, MB) or a number of bytes`

// sizeUnits are the units of a size, largest first.
var sizeUnits = [...]struct {
	name string
	unit int64
}{
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"MB", 1_000_000}, {"KiB", 1 << 10}, {"kB", 1_000}, {"B", 1},
}

// ParseSize reads "64KiB", "10MB", "512B" or "512" as a number of bytes, never negative.
func ParseSize(text string) (int64, error) {
	number, unit := text, int64(1)
	for _, u := range sizeUnits {
		if len(text) > len(u.name) && text[len(text)-len(u.name):] == u.name {
			number, unit = text[:len(text)-len(u.name)], u.unit
			break
		}
	}
	if !digits(number) || len(text) > maxScalar {
		return 0, errNotA("size", text)
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("size %s is too large", quote(text))
	}
	return n * unit, nil
}

// FormatSize is a text that ParseSize reads as n, in the largest binary unit that n is a multiple of.
func FormatSize(n int64) string {
	for _, u := range sizeUnits {
		if binary := u.unit&(u.unit-1) == 0; binary && n >= u.unit && n%u.unit == 0 {
			return strconv.FormatInt(n/u.unit, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}
