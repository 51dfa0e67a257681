package analysis

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// counted is a number of things, with their name: "1 delivery", "3 deliveries".
func counted(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(one, "y"))
	default:
		return fmt.Sprintf("%d %ss", n, one)
	}
}

// times is how often something happened.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// period is a duration for people: as exact as it matters, in the units of a scenario file.
func period(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + period(-max(d, -math.MaxInt64))
	case d < 10*time.Millisecond:
		return decimal(float64(d)/float64(time.Millisecond)) + " ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < time.Minute:
		return decimal(d.Seconds()) + " s"
	case d < time.Hour:
		return twoUnits(d.Round(time.Second), time.Minute, "m", time.Second, "s")
	case d < 48*time.Hour:
		return twoUnits(d.Round(time.Minute), time.Hour, "h", time.Minute, "m")
	default:
		return twoUnits(d.Round(time.Hour), 24*time.Hour, "d", time.Hour, "h")
	}
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d%s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf("%d%s", rest, smallName)
	}
	return text
}

// decimal is a number with at most two places after the point, and as few as there are.
func decimal(x float64) string {
	text := fmt.Sprintf("%.2f", math.Round(x*100)/100)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// percent is a share for people, exact to a hundredth of a percent where that matters: one that is not whole is not shown as if it were.
func percent(share float64) string {
	p := share * 100
	if rounded := math.Round(p); rounded == 100 && p < 100 || rounded == 0 && p > 0 || math.Abs(p-rounded) > 1e-9 && p < 10 {
		return decimal(math.Floor(p*100)/100) + "%"
	}
	return fmt.Sprintf("%.0f%%", math.Floor(p+1e-9))
}

// clock is a moment for people.
func clock(t time.Time) string { return t.UTC().Format(time.TimeOnly) }
