package scenario

// telling says whether somebody wants to know why something does not hold. Who only decides does not: texts for people are what a decision costs most.
type telling bool

// untold stands for a reason that nobody wants to know.
const untold = "-"

// tells is what it says.
func (t telling) tells() bool { return bool(t) }

// why is the reason, in words if they are wanted.
func (t telling) why(words func() string) string {
	if t {
		return words()
	}
	return untold
}

// Explaining is the scenario with decisions that have Readings, and say in words why each rule did not fire. They are the same decisions, and cost more.
func (s *Scenario) Explaining() *Scenario {
	other := *s
	other.telling = true
	return &other
}
