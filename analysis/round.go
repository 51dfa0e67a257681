package analysis

import "math"

// nice is the roundest number that is within a share of x: people write 1 s, not 1.003 s. One that no round number is near is left as it is.
func nice(x, within float64) float64 {
	if x <= 0 {
		return 0
	}
	for halves := range 5 {
		if rounded := toHalves(x, halves); math.Abs(rounded-x) <= within*x {
			return rounded
		}
	}
	return x
}

// toHalves is x with one digit for 0 halves, with one digit and a half for 1 (1.5, 25), with two digits for 2, and so on.
func toHalves(x float64, halves int) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x))-float64((halves+1)/2))
	if halves%2 == 1 {
		unit *= 5
	}
	return math.Round(x/unit) * unit
}

// roundness is the length of the text of a round number, 0 for the others.
func roundness(x float64) float64 {
	same := func(y float64) bool { return math.Abs(x-y) <= 1e-9*x }
	switch {
	case x == 0, same(toHalves(x, 0)):
		return 3
	case same(toHalves(x, 1)):
		return 4
	case same(toHalves(x, 2)):
		return 5
	default:
		return 0
	}
}
