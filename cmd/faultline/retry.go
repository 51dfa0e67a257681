package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/sender"
)

// retryPolicy reads --retry: the text of a policy, or the name of a published one.
func retryPolicy(text string) (sender.Policy, error) {
	presets := analysis.Presets()
	at := slices.IndexFunc(presets, func(p analysis.Preset) bool { return p.Name == text })
	if at < 0 {
		return sender.ParsePolicy(text)
	}
	policy, ok := sendsBy(presets[at].Expectations)
	if !ok {
		return policy, fmt.Errorf("policy %q states no pauses to send by, want one of %s, or a policy's text", text, strings.Join(statingPauses(presets), ", "))
	}
	return policy, nil
}

// statingPauses are the published policies that say how long their pauses are.
func statingPauses(presets []analysis.Preset) (names []string) {
	for _, p := range presets {
		if _, ok := sendsBy(p.Expectations); ok {
			names = append(names, p.Name)
		}
	}
	return names
}

// sendsBy is a sender that does what a published policy says of number, pauses and jitter; false where it does not say.
func sendsBy(e scenario.Expectations) (p sender.Policy, ok bool) {
	p.Retry = sender.Retry{Statuses: sender.AnyStatus, Connection: true, Timeout: true}
	switch {
	case e.MaxAttempts != nil && *e.MaxAttempts == 1:
		p.Attempts = 1
		return p, true
	case e.Backoff == nil:
		return p, false
	}
	switch b := e.Backoff; {
	case len(b.Schedule) > 0:
		p.Backoff = sender.Backoff{Shape: sender.Scheduled, Schedule: b.Schedule}
		p.Attempts = len(b.Schedule) + 1
	case b.Shape == "constant":
		p.Backoff = sender.Backoff{Shape: sender.Constant, First: b.First}
	case b.Shape == "exponential":
		p.Backoff = sender.Backoff{Shape: sender.Exponential, First: b.First, Factor: b.Factor, Cap: b.Cap}
	default:
		return p, false
	}
	if e.MaxAttempts != nil {
		p.Attempts = *e.MaxAttempts
	}
	switch e.Backoff.Jitter {
	case "full":
		p.Jitter = sender.FullJitter
	case "equal", "some":
		p.Jitter = sender.EqualJitter
	}
	for _, status := range e.NeverRetry {
		var code int
		if _, err := fmt.Sscanf(status, "%3d", &code); err == nil && len(status) == 3 {
			p.Retry.Never = append(p.Retry.Never, code)
		}
	}
	return p, true
}
