// Package faults is the catalogue of what can be done to an attempt: the fault kinds, the keys that each takes in a scenario, and the wire steps that
// they come to. It belongs to the stage decide, and is pure: no clock, no socket, no file but those it is handed, no chance but what it is told.
//
// Its promise: every Plan ends the attempt in its last step, and the steps follow an attempt's life whatever the order of the faults. A new kind whose
// steps exist is a file kind_<name>.go and a line in kinds.go.
//
//	kind, _ := faults.Lookup("reset")
//	plan := faults.Compile(kind.New().Parts(faults.Occasion{}), true) // Deliver, Reset: the acknowledgement is lost
package faults
