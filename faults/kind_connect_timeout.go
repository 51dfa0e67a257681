package faults

import (
	"io/fs"
	"time"

	"github.com/faultline/faultline/schema"
)

var connectTimeoutKind = Kind{
	Name: "connect_timeout",
	Doc: "Nobody is there to connect to. A gateway answers no SYN while a rule that is decided by time alone is open, and idle connections are closed; a SYN that a " +
		"sender sends again may still succeed when the window is over. Elsewhere that is not what a kernel does: a CONNECT is answered 200 and then nothing, a " +
		"request is read and not answered, until the sender gives up, `for` is over (at most limits.hold), or faults are lifted, then RST. With `listener` it is " +
		"the proxy's own listener that answers no SYN, for all targets at once: existing tunnels and attempts under way go on. What meets a silent listener " +
		"leaves no record; the log has when it fell silent and when it listened again.",
	Imitates: "a host that is gone, a firewall that drops, a queue of connections that is full",
	Limits: "A sender that has reached the proxy waits for no connection any more: a plain request looks like `hang`, a CONNECT like `tls = \"handshake_hang\"`, and " +
		"the table says who can tell the difference. A gateway and `listener` are the real thing.",
	Cousins:  "toxiproxy: `timeout` comes near, though it accepts the connection. WireMock, Envoy: none.",
	Terminal: true,
	Main:     "for",
	Bare:     true,
	Acts:     AtConnect,
	New:      func() Fault { return &connectTimeout{} },
}

// connectTimeout: silence from the first packet on, or as near to that as a placement comes.
type connectTimeout struct {
	limit    time.Duration
	listener bool
}

func (f *connectTimeout) Fields() []schema.Field {
	return []schema.Field{
		schema.Duration(&f.limit, "for", "how long nothing is answered where it is not the kernel that is silent; without it as long as limits.hold allows"),
		schema.Bool(&f.listener, "listener", "the proxy's own listener is silent; for rules that are decided by time alone, and name no target"),
	}
}

func (f *connectTimeout) Check(v schema.Value, _ fs.FS) {
	switch given := v.Key("for"); {
	case given.Raw != nil && f.limit == 0:
		given.Reject("is no time at all", "more than 0s", "reset = true ends the attempt at once")
	case f.limit > 0 && f.listener:
		given.Reject("is not for a listener", "", "it is silent for as long as the rule's window is open")
	}
}

// Closes is what becomes of listeners.
func (f *connectTimeout) Closes() (gateway, own Door) {
	if f.listener {
		return DoorOpen, DoorSilent
	}
	return DoorSilent, DoorOpen
}

func (f *connectTimeout) Parts(Occasion) []Part {
	return []Part{{Stage: StageConnect, Step: Hold{For: f.limit}, Ends: true}, {Stage: StageConnect, Step: Reset{}, Ends: true}}
}
