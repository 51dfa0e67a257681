package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/pprof/profile"
)

// merge is one profile of several, each with its share of it.
func merge(parts []*profile.Profile, shares []float64) (*profile.Profile, error) {
	var whole int64
	for _, part := range parts {
		if err := strip(part); err != nil {
			return nil, err
		}
		cutRare(part, total(part)/400)
		whole += total(part)
	}
	for i, part := range parts {
		part.Scale(shares[i] * float64(whole) / float64(total(part)))
	}
	merged, err := profile.Merge(parts)
	if err != nil {
		return nil, fmt.Errorf("merge profiles: %w", err)
	}
	return merged, merged.CheckValid()
}

// strip leaves CPU time by functions and lines: no time of day, no addresses, and no file that was mapped, which name a machine and a build.
func strip(p *profile.Profile) error {
	at := -1
	for i, kind := range p.SampleType {
		if kind.Type == "cpu" {
			at = i
		}
	}
	if at < 0 || len(p.Sample) == 0 {
		return errors.New("a profile without CPU time")
	}
	p.SampleType = p.SampleType[at : at+1]
	p.DefaultSampleType, p.TimeNanos, p.DurationNanos, p.Comments, p.Mapping = "", 0, 0, nil, nil
	for _, l := range p.Location {
		l.Address, l.Mapping = 0, nil
	}
	for _, s := range p.Sample {
		s.Value = s.Value[at : at+1]
		s.Label, s.NumLabel, s.NumUnit = nil, nil, nil
		s.Location = named(s.Location)
	}
	return nil
}

// named are the locations that are in a function: the kernel's are not.
func named(stack []*profile.Location) []*profile.Location {
	var found []*profile.Location
	for _, l := range stack {
		if len(l.Line) > 0 {
			found = append(found, l)
		}
	}
	return found
}

// cutRare ends stacks before a function that less than the least was spent in, with all that it called: what a handful of samples says is chance, and
// makes the file larger each time it is made anew. The time goes to who called it.
func cutRare(p *profile.Profile, least int64) {
	spent := map[*profile.Function]int64{}
	for _, s := range p.Sample {
		counted := map[*profile.Function]bool{}
		for _, l := range s.Location {
			for _, line := range l.Line {
				if !counted[line.Function] {
					counted[line.Function] = true
					spent[line.Function] += s.Value[0]
				}
			}
		}
	}
	isRare := func(l *profile.Location) bool {
		return slices.ContainsFunc(l.Line, func(line profile.Line) bool { return spent[line.Function] < least })
	}
	for _, s := range p.Sample {
		for i, l := range slices.Backward(s.Location) { // the leaf is the first
			if isRare(l) {
				s.Location = s.Location[i+1:]
				break
			}
		}
	}
	p.Sample = slices.DeleteFunc(p.Sample, func(s *profile.Sample) bool { return len(s.Location) == 0 })
}

// total is the CPU time of a stripped profile, in ns.
func total(p *profile.Profile) int64 {
	var sum int64
	for _, s := range p.Sample {
		sum += s.Value[0]
	}
	return sum
}
