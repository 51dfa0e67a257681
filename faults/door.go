package faults

import "fmt"

// Door is what a listener does with those who connect to it.
type Door int

// The doors.
const (
	DoorOpen     Door = iota // they are accepted
	DoorRefusing             // the kernel answers each SYN with a RST
	DoorSilent               // no SYN is answered
)

func (d Door) String() string {
	switch d {
	case DoorOpen:
		return "open"
	case DoorRefusing:
		return "refusing"
	case DoorSilent:
		return "silent"
	default:
		panic(fmt.Sprintf("faults: door %d", int(d)))
	}
}

// Closing is a Fault that can act on a listener, before there is any connection; the others need not have it.
type Closing interface {
	// Closes says what becomes of a gateway's listener while a rule that is decided by time alone is open, and of the proxy's own.
	Closes() (gateway, own Door)
}
