package faults

import (
	"cmp"
	"slices"
)

// Stage is a part of an attempt's life. Faults act in this order, whatever their order in the file.
type Stage int

// The stages.
const (
	StageThroughout       Stage = iota // from the beginning to the end
	StageConnect                       // while the connection is made
	StageInformational                 // 1xx answers
	StageRequestRewrite                // the request is changed
	StageRequestLatency                // delay before the target
	StageAdmission                     // capacity, rate limits
	StageDuplicate                     // the target gets it more than once
	StageTarget                        // the target is asked: the plan's own stage, no fault's
	StageAnswerRewrite                 // the answer is changed
	StageAnswerCorruption              // the answer is changed so that it is of no use
	StageResponseLatency               // delay after the target
	StageTerminal                      // what ends the attempt
)

// Part is a step that a fault adds to a plan, and the stage in which it acts.
type Part struct {
	Stage Stage
	Step  Step
	// Ends is true for the parts of a terminal fault: after the last of them nothing else happens.
	Ends bool
	// Own takes the place of Step when the target was asked first (deliver_first): it bends the target's own answer. nil: Step serves.
	Own Step
}

// Compile puts the parts of all faults that fired into the one plan of an attempt, which always ends it. At most one fault among them is terminal.
// With deliverFirst the target gets the whole request before a terminal fault is shown; without a terminal fault it changes nothing. Parts of one
// stage keep their order.
//
//	nothing              Forward, Relay
//	latency              Wait, Forward, Relay
//	latency at response  Forward, Wait, Relay
//	status               Answer
//	deliver first, reset Deliver, Reset
//	bandwidth            Throttle, Forward, Relay
//	truncate             Begin, Finish
//	deliver first, truncate  Deliver, Begin (the target's own), Finish
func Compile(parts []Part, deliverFirst bool) Plan {
	if len(parts) == 0 {
		return untouched
	}
	shaping, terminal := split(parts)
	if len(terminal) == 0 {
		return Plan{Steps: slices.Concat(steps(shaping, StageThroughout, StageTarget), []Step{Forward{}}, steps(shaping, StageTarget, StageTerminal), []Step{Relay{}})}
	}
	end := steps(terminal, StageConnect, StageTerminal+1)
	if deliverFirst {
		ask := Step(Deliver{})
		if own := terminal[0].Own; own != nil {
			ask, end[0] = Deliver{Keep: true}, own
		}
		return Plan{Steps: slices.Concat(steps(shaping, StageThroughout, StageTarget), []Step{ask}, steps(shaping, StageTarget, StageTerminal), end)}
	}
	return Plan{Steps: slices.Concat(steps(unasked(shaping), StageThroughout, terminal[0].Stage+1), end)}
}

// untouched is the plan of an attempt that no fault acts on.
var untouched = Plan{Steps: []Step{Forward{}, Relay{}}}

// unasked are the parts without those that act on what a target gets: it gets nothing.
func unasked(parts []Part) []Part {
	return slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return p.Stage == StageRequestRewrite || p.Stage == StageDuplicate })
}

// CompileAnswer puts together what is left to be done when the target has answered: of the parts that were there before what acts on the answer, and the
// parts that its answer has brought, at most one of them terminal. The plan follows a Forward.
//
//	nothing                  Relay
//	latency at response      Wait, Relay
//	reset                    HearOut, Reset
//	truncate                 Begin (the target's own), Finish
func CompileAnswer(before, brought []Part) Plan {
	kept := slices.DeleteFunc(slices.Clone(before), func(p Part) bool { return p.Stage <= StageTarget || p.Ends })
	shaping, terminal := split(append(kept, brought...))
	waiting := steps(shaping, StageThroughout, StageTerminal)
	if len(terminal) == 0 {
		return Plan{Steps: append(waiting, Relay{})}
	}
	end := steps(terminal, StageConnect, StageTerminal+1)
	if own := terminal[0].Own; own != nil {
		end[0] = own
		return Plan{Steps: slices.Concat(waiting, end)}
	}
	return Plan{Steps: slices.Concat([]Step{HearOut{}}, waiting, end)}
}

// End reports whether one of the parts ends the attempt.
func End(parts []Part) bool { return slices.ContainsFunc(parts, func(p Part) bool { return p.Ends }) }

// split tells the parts that end the attempt from those that shape it, each in the order of their stages.
func split(parts []Part) (shaping, terminal []Part) {
	for _, part := range parts {
		if part.Ends {
			terminal = append(terminal, part)
		} else {
			shaping = append(shaping, part)
		}
	}
	byStage := func(a, b Part) int { return cmp.Compare(a.Stage, b.Stage) }
	slices.SortStableFunc(shaping, byStage)
	slices.SortStableFunc(terminal, byStage)
	return shaping, terminal
}

// steps are those of the stages from (included) to (excluded).
func steps(parts []Part, from, to Stage) []Step {
	var found []Step
	for _, part := range parts {
		if part.Stage >= from && part.Stage < to {
			found = append(found, part.Step)
		}
	}
	return found
}
