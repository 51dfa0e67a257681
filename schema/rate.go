package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// wantRate is what a rate looks like, for people.
const wantRate = `a rate such as "64KiB/s" (a size of at least 1B, a second)`

// ParseRate reads "64KiB/s" as bytes a second, never 0: what lets nothing through is no rate.
func ParseRate(text string) (int64, error) {
	size, perSecond := strings.CutSuffix(text, "/s")
	n, err := ParseSize(size)
	switch {
	case !perSecond || len(text) > maxScalar:
		return 0, errNotA("rate", text)
	case err != nil:
		return 0, fmt.Errorf("rate %s: %w", quote(text), err)
	case n == 0:
		return 0, fmt.Errorf("rate %s lets nothing through", quote(text))
	}
	return n, nil
}

// FormatRate is a text that ParseRate reads as n, which is above 0.
func FormatRate(n int64) string { return FormatSize(n) + "/s" }

// Rate is a field of bytes a second; 0 stands for none.
func Rate(to *int64, key, doc string) Field {
	def := ""
	if *to != 0 {
		def = strconv.Quote(FormatRate(*to))
	}
	return scalar(to, key, "rate", wantRate, def, doc, ofText(ParseRate))
}
