package deliveries

import (
	"math"
	"strings"
	"time"
)

// mostDigits is how many digits surely fit into an uint64, and exactDigits into a float64.
const (
	mostDigits  = 19
	exactDigits = 15
)

// digits takes a run of digits, and gives its value and how many there were.
func (c *cursor) digits() (value uint64, n int) {
	from := c.at
	for c.at < len(c.text) && c.text[c.at] >= '0' && c.text[c.at] <= '9' {
		value = value*10 + uint64(c.text[c.at]-'0')
		c.at++
	}
	return value, c.at - from
}

// int takes an integer that is not negative.
func (c *cursor) int() int64 {
	first := c.peek()
	value, n := c.digits()
	if n == 0 || n > mostDigits || value > math.MaxInt64 || first == '0' && n > 1 {
		c.fail()
		return 0
	}
	return int64(value)
}

// ms takes a number of milliseconds, in microseconds at most.
func (c *cursor) ms() float64 { return round(c.decimal()) }

// preciseMS takes a number of milliseconds, in nanoseconds at most.
func (c *cursor) preciseMS() float64 { return roundPrecise(c.decimal()) }

// decimal takes a number that is not negative, and has no exponent.
func (c *cursor) decimal() float64 {
	first := c.peek()
	whole, n := c.digits()
	if n == 0 || n > exactDigits || first == '0' && n > 1 {
		c.fail()
		return 0
	}
	scale := uint64(1)
	if c.at < len(c.text) && c.text[c.at] == '.' {
		c.at++
		part, places := c.digits()
		if places == 0 || n+places > exactDigits {
			c.fail()
			return 0
		}
		for range places {
			scale *= 10
		}
		whole = whole*scale + part
	}
	return float64(whole) / float64(scale) // both are exact, and so the quotient is the nearest number, as strconv's is
}

// calendar knows the day that was seen last: lines of one day follow each other.
type calendar struct {
	day      string // 2026-11-24
	midnight int64  // in seconds since 1970
}

// time takes a moment in UTC, as RFC 3339 has it.
func (c *cursor) time(days *calendar) time.Time {
	text := c.string()
	if c.failed || len(text) < len("2026-11-24T01:53:51Z") || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[len(text)-1] != 'Z' {
		c.fail()
		return time.Time{}
	}
	hour, minute, second := twoDigits(text[11:]), twoDigits(text[14:]), twoDigits(text[17:])
	nanos, ok := fraction(text[19 : len(text)-1])
	if !ok || hour >= 24 || minute >= 60 || second >= 60 || !days.know(text[:10]) {
		c.fail()
		return time.Time{}
	}
	return time.Unix(days.midnight+int64(hour*3600+minute*60+second), nanos).UTC()
}

// twoDigits is their value, or more than any hour, minute or second.
func twoDigits(text string) int {
	tens, ones := text[0]-'0', text[1]-'0'
	if tens > 9 || ones > 9 {
		return 99
	}
	return int(tens)*10 + int(ones)
}

// fraction reads ".123456789" as nanoseconds, and nothing as none.
func fraction(text string) (nanos int64, ok bool) {
	if text == "" {
		return 0, true
	}
	if text[0] != '.' || len(text) == 1 || len(text) > 10 {
		return 0, false
	}
	for i := 1; i < 10; i++ {
		digit := byte(0)
		if i < len(text) {
			digit = text[i] - '0'
		}
		if digit > 9 {
			return 0, false
		}
		nanos = nanos*10 + int64(digit)
	}
	return nanos, true
}

func (d *calendar) know(day string) bool {
	if day == d.day {
		return true
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return false
	}
	d.day, d.midnight = strings.Clone(day), at.Unix()
	return true
}
