// Package analysis is the stage analyse: what a log says about the sender. It is pure: records in, a Report out.
//
// It looks at what happened (what the sender saw, what the target got, when), never at the name of a fault or at the text of a scenario: the same log
// without its scenario gives the same policy and the same defects, byte for byte, in whatever order its deliveries stand.
//
// Promise: a check that had nothing to look at is inconclusive, never a pass; and what cannot be told is said to be so, with what would tell it.
//
//	var log analysis.Log
//	grouped, err := deliveries.Group(ctx, deliveries.Reading{Other: log.Add}, "faultline-log")
//	log.Use(grouped)
//	report := analysis.Judge(&log, analysis.Question{Expect: rules.Expect})
package analysis
