package analysis

// survival is the longest outage that a delivery survives: one in which its last attempt comes. nil when the waits, or their number, are not known.
func (p *Policy) survival() *Survival {
	if p.Attempts == nil {
		return nil
	}
	if *p.Attempts == 1 {
		return &Survival{}
	}
	if p.waits == nil || p.Shape == "" || p.Jitter == "" {
		return nil
	}
	var low, middle, high float64
	for try := 1; try < *p.Attempts; try++ {
		low, middle, high = low+p.waits.low(try), middle+p.waits.middle(try), high+p.waits.high(try)
	}
	return &Survival{seconds(low), seconds(middle), seconds(high)}
}
