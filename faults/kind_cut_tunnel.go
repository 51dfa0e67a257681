package faults

import (
	"io/fs"
	"time"

	"github.com/faultline/faultline/schema"
)

var cutTunnelKind = Kind{
	Name: "cut_tunnel",
	Doc: "The tunnel stands, and is cut when so many bytes have come from the target (those of its TLS handshake count), or after so much time: by a RST (reset) or " +
		"a FIN (close) to both sides, or nothing passes any more until the sender leaves, limits.hold is over or faults are lifted, then a RST (stall). On a " +
		"connection that is opened it is the encrypted stream to the sender that is cut: what is under way on it is recorded as broken by the rule.",
	Imitates: "a NAT or a load balancer that forgets a connection, a VPN that drops, a cable that is pulled",
	Limits: "It counts bytes as they are on the wire, the handshake included, so how much of an answer they make varies. To cut at a certain byte of the answer, " +
		"have the CONNECT opened (`tls.intercept`) and take `truncate`, `reset` or `stall`. It needs a CONNECT.",
	Cousins:  "toxiproxy: `limit_data`, `reset_peer`, `timeout`. Envoy: `max_downstream_connection_duration` of its TCP proxy. WireMock: none.",
	Terminal: true,
	Main:     "after",
	Acts:     OnlyAtConnect,
	New:      func() Fault { return &cutTunnel{as: Severed} },
}

// cutTunnel: bytes both ways, for a while.
type cutTunnel struct {
	bytes int64
	time  time.Duration // 0: bytes counts
	as    Break
}

const wantCutAfter = `bytes, a size such as "4KiB", or a duration such as "2s"`

func (f *cutTunnel) Fields() []schema.Field {
	return []schema.Field{
		schema.Func("after", "size or duration", wantCutAfter, "how much comes from the target first, or how long the tunnel stands", func(v schema.Value) {
			if !f.readAfter(v.Raw) {
				v.Reject("neither a size nor a duration", wantCutAfter, "")
			}
		}).Needed(),
		schema.Enum(&f.as, "as", "how it is cut", Severed, Shut, Stalled),
	}
}

func (f *cutTunnel) readAfter(raw any) bool {
	if n, isNumber := raw.(int64); isNumber {
		f.bytes = n
		return n >= 0
	}
	text, _ := raw.(string)
	var err error
	if f.bytes, err = schema.ParseSize(text); err == nil {
		return true
	}
	f.time, err = schema.ParseDuration(text)
	return err == nil
}

func (f *cutTunnel) Check(v schema.Value, _ fs.FS) {}

func (f *cutTunnel) Parts(Occasion) []Part {
	return []Part{
		{Stage: StageTerminal, Step: Forward{}, Ends: true},
		{Stage: StageTerminal, Step: Cut{Bytes: f.bytes, Time: f.time, As: f.as}, Ends: true},
	}
}
