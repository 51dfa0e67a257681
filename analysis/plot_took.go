package analysis

import (
	"math"
	"time"
)

// tookPlot counts attempts by how long they took, on a logarithmic scale.
type tookPlot struct {
	bins       [tookBins]byOutcome
	half, most time.Duration // what half of the attempts, and 99 in 100, took at most
}

const (
	tookBins   = 80 // up to 11 days
	tookLeast  = 100 * time.Microsecond
	perTenfold = 8
)

func (p *tookPlot) see(a *arrival) {
	took := a.MS.Total * float64(time.Millisecond)
	at := 0
	if took > float64(tookLeast) {
		at = int(min(tookBins-1, perTenfold*math.Log10(took/float64(tookLeast))))
	}
	p.bins[at].add(a.Outcome)
}

// from is where a bin begins.
func (p *tookPlot) from(bin int) time.Duration {
	return time.Duration(float64(tookLeast) * math.Pow(10, float64(bin)/perTenfold))
}

// used are the first bin that has attempts, and the one behind the last.
func (p *tookPlot) used() (first, over int) {
	first = tookBins
	for i, bin := range p.bins {
		if bin.sum() > 0 {
			first, over = min(first, i), i+1
		}
	}
	return first, over
}
