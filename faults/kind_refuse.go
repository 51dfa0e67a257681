package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var refuseKind = Kind{
	Name: "refuse",
	Doc: "The endpoint cannot be reached. A gateway stops listening while a rule that is decided by time alone is open: the kernel refuses (RST to the SYN), and " +
		"idle connections are closed. Elsewhere that is not what a kernel does: a request is read whole, then reset (RST); a CONNECT is answered 200, then reset. " +
		"With `code` the sender gets the answer of a proxy that cannot reach the target. With `listener` it is the proxy's own listener that refuses, for all " +
		"targets at once: existing tunnels and attempts under way go on. What meets a closed listener leaves no record; the log has its closing and its opening.",
	Imitates: "a service that is stopped or just being deployed, a closed port, a firewall that rejects",
	Limits: "A sender that has reached the proxy is not refused any more: a plain request looks like `reset`, a CONNECT like `tls = \"handshake_reset\"`, and the " +
		"table says who can tell the difference. A gateway and `listener` are the real thing.",
	Cousins:  "toxiproxy: a proxy with `enabled = false`. WireMock, Envoy: none; stop the server, or take the listener away.",
	Terminal: true,
	Bare:     true,
	Acts:     InTunnels,
	New:      func() Fault { return &refuse{} },
}

// refuse: RST, a gateway's failure, or a closed listener.
type refuse struct {
	code     int
	listener bool
}

func (f *refuse) Fields() []schema.Field {
	return []schema.Field{
		schema.Int(&f.code, "code", 502, 504, "the status of a proxy that cannot reach the target, instead of a reset connection"),
		schema.Bool(&f.listener, "listener", "the proxy's own listener refuses; for rules that are decided by time alone, and name no target"),
	}
}

func (f *refuse) Check(v schema.Value, _ fs.FS) {
	if f.listener && f.code != 0 {
		v.Key("code").Reject("is an answer, and a listener that refuses gives none", "", "leave it or listener out")
	}
}

// Closes is what becomes of listeners.
func (f *refuse) Closes() (gateway, own Door) {
	switch {
	case f.listener:
		return DoorOpen, DoorRefusing
	case f.code == 0:
		return DoorRefusing, DoorOpen
	}
	return DoorOpen, DoorOpen
}

func (f *refuse) Parts(Occasion) []Part {
	if f.code != 0 {
		return []Part{{Stage: StageConnect, Step: Answer{Status: f.code}, Ends: true}}
	}
	return []Part{{Stage: StageConnect, Step: Reset{}, Ends: true}}
}
