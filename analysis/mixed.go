package analysis

import "math"

// What one policy waits after one try has nothing to do with what it waits after the next: chance alone spreads the waits. Where the gaps of a place are spread, and
// deliveries with a long one there have a long one, or a short one, at the next place too, the deliveries are of several policies.

// mixed reports whether the waits of specimens, spread as they are, are those of several policies.
func mixed(all []*specimen) bool {
	byTry := make(map[int]*correlation)
	for _, one := range all {
		for i := 1; i < len(one.gaps); i++ {
			before, after := one.gaps[i-1], one.gaps[i]
			if after.try != before.try+1 {
				continue
			}
			if byTry[before.try] == nil {
				byTry[before.try] = &correlation{}
			}
			byTry[before.try].add(math.Log(before.seconds+0.01), math.Log(after.seconds+0.01))
		}
	}
	for _, c := range byTry {
		if c.strong() {
			return true
		}
	}
	return false
}

// correlation is Pearson's, of pairs.
type correlation struct{ n, x, y, xx, yy, xy float64 }

func (c *correlation) add(x, y float64) {
	c.n, c.x, c.y, c.xx, c.yy, c.xy = c.n+1, c.x+x, c.y+y, c.xx+x*x, c.yy+y*y, c.xy+x*y
}

// strong reports whether there is one that is no chance: by Fisher's transformation it is one in fifteen thousand.
func (c *correlation) strong() bool {
	if c.n < leastSeen {
		return false
	}
	spread := (c.xx - c.x*c.x/c.n) * (c.yy - c.y*c.y/c.n)
	if spread <= 1e-12 {
		return false
	}
	r := (c.xy - c.x*c.y/c.n) / math.Sqrt(spread)
	const much, noChance = 0.5, 4
	return math.Abs(r) > much && math.Abs(math.Atanh(max(-0.999999, min(0.999999, r))))*math.Sqrt(c.n-3) > noChance
}
