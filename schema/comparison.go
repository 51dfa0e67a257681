package schema

import (
	"fmt"
	"strings"
)

// Op is how two numbers are compared.
type Op string

// The comparisons. Equal is written without a sign.
const (
	Less    Op = "<"
	AtMost  Op = "<="
	Equal   Op = ""
	AtLeast Op = ">="
	More    Op = ">"
)

// Comparison is a number and how another is compared with it: "<2m", ">64KiB". The zero Comparison holds for 0 alone.
type Comparison struct {
	Op    Op
	Bound int64
	text  string
}

// Holds reports whether n compares as asked.
func (c Comparison) Holds(n int64) bool {
	switch c.Op {
	case Less:
		return n < c.Bound
	case AtMost:
		return n <= c.Bound
	case Equal:
		return n == c.Bound
	case AtLeast:
		return n >= c.Bound
	case More:
		return n > c.Bound
	default:
		panic(fmt.Sprintf("schema: comparison %q", string(c.Op)))
	}
}

// Covers reports whether this holds for every number for which the other does. Of some that do it says no.
func (c Comparison) Covers(other Comparison) bool {
	switch c.Op {
	case Less:
		return (other.Op == Less || other.Op == AtMost && other.Bound < c.Bound || other.Op == Equal && other.Bound < c.Bound) && other.Bound <= c.Bound
	case AtMost:
		return (other.Op == Less || other.Op == AtMost || other.Op == Equal) && other.Bound <= c.Bound
	case Equal:
		return other.Op == Equal && other.Bound == c.Bound
	case AtLeast:
		return (other.Op == More || other.Op == AtLeast || other.Op == Equal) && other.Bound >= c.Bound
	case More:
		return (other.Op == More || other.Op == AtLeast && other.Bound > c.Bound || other.Op == Equal && other.Bound > c.Bound) && other.Bound >= c.Bound
	default:
		panic(fmt.Sprintf("schema: comparison %q", string(c.Op)))
	}
}

// String is the comparison as the file writes it.
func (c Comparison) String() string { return c.text }

// ParseSizeComparison reads ">64KiB", "<=1MiB", or "0B" for equality.
func ParseSizeComparison(text string) (Comparison, error) {
	op, rest := cutOp(text)
	bound, err := ParseSize(rest)
	return Comparison{op, bound, text}, err
}

// ParseAge reads "<2m" or ">10s". An age is never compared for equality.
func ParseAge(text string) (Comparison, error) {
	op, rest := cutOp(text)
	if op == Equal {
		return Comparison{}, errNotA("comparison", text)
	}
	bound, err := ParseDuration(rest)
	return Comparison{op, int64(bound), text}, err
}

func cutOp(text string) (Op, string) {
	for _, op := range [...]Op{AtMost, AtLeast, Less, More} {
		if rest, found := strings.CutPrefix(text, string(op)); found {
			return op, strings.TrimPrefix(rest, " ")
		}
	}
	return Equal, text
}
