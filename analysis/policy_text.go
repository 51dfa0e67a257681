package analysis

import (
	"cmp"
	"fmt"
	"strings"
)

// String is the policy in a line: exponential 1 s x2, full jitter, 4 attempts (150 gaps).
func (p *Policy) String() string {
	parts := []string{p.waitsText()}
	if p.Attempts != nil {
		parts = append(parts, counted(*p.Attempts, "attempt"))
	}
	if p.Timeout != nil {
		parts = append(parts, "timeout "+period(*p.Timeout))
	}
	if p.Obeys != ObedienceUnknown {
		parts = append(parts, "Retry-After "+string(p.Obeys))
	}
	text := strings.Join(parts, ", ")
	if p.Fit != nil {
		text += fmt.Sprintf(" (%s, fit %s)", counted(p.Gaps, "gap"), percent(*p.Fit))
	}
	return text
}

// waitsText is how it waits: exponential 1 s x2, full jitter.
func (p *Policy) waitsText() string {
	text := cmp.Or(string(p.Shape), "shape unknown")
	if p.Shape == ShapeNone {
		text = "no retries"
	}
	if p.Mixed {
		text = "several policies, which nothing in the log tells apart"
	}
	switch {
	case p.Schedule != nil:
		waits := make([]string, len(p.Schedule))
		for i, wait := range p.Schedule {
			waits[i] = period(wait)
		}
		text += " " + strings.Join(waits, ", ")
	case p.First != nil:
		text += " " + period(*p.First)
	}
	if p.Factor != nil {
		text += " x" + decimal(*p.Factor)
	}
	if p.Step != nil {
		text += " +" + period(*p.Step)
	}
	if p.Cap != nil {
		text += ", up to " + period(*p.Cap)
	}
	if p.Jitter != "" {
		text += ", " + strings.Replace(string(p.Jitter), "none", "no", 1) + " jitter"
	}
	return text
}

// survivalText is the outage that the policy survives.
func (p *Policy) survivalText() string {
	s := p.Survives
	switch {
	case s == nil:
		return ""
	case s.Worst == s.Best:
		return "survives an outage of " + period(s.Worst)
	default:
		text := fmt.Sprintf("survives an outage of %s to %s, %s in the middle", period(s.Worst), period(s.Best), period(s.Median))
		if s.Worst == 0 {
			text += ": jitter may be 0"
		}
		return text
	}
}
