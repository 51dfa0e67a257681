package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var tlsKind = Kind{
	Name: "tls",
	Doc: "The CONNECT is answered 200, then TLS fails: with a certificate that no client should accept, made for the host by faultline's own CA (expired, " +
		"wrong_host), by one that nobody knows (untrusted) or by itself (self_signed); or in the handshake, after the sender's hello: by a fatal alert and a FIN " +
		"(handshake_alert), a RST (handshake_reset), or silence until the sender leaves, limits.hold is over or faults are lifted, then a RST (handshake_hang). " +
		"It opens the connections on which it fires, and no others. A sender that accepts the certificate is served, as on a connection that was opened for " +
		"tls.intercept: its attempts are in the log.",
	Imitates: "a certificate that ran out over the weekend, a load balancer with the wrong one, a peer that speaks no version in common",
	Limits: "It needs a CONNECT: plain http and a gateway, which speaks http to its sender, have no TLS to break. A sender that verifies nothing notices none of " +
		"the four certificates. A record that is damaged on its way is not imitated.",
	Cousins:  "WireMock: a keystore of your own making. Envoy: a listener with such a certificate. toxiproxy: none, TLS passes unseen.",
	Terminal: true,
	Main:     "as",
	Acts:     OnlyAtConnect,
	New:      func() Fault { return &tls{} },
}

// tls: a handshake that must not succeed.
type tls struct{ as tlsFailure }

type tlsFailure string

const (
	tlsExpired        tlsFailure = "expired"
	tlsWrongHost      tlsFailure = "wrong_host"
	tlsUntrusted      tlsFailure = "untrusted"
	tlsSelfSigned     tlsFailure = "self_signed"
	tlsHandshakeAlert tlsFailure = "handshake_alert"
	tlsHandshakeReset tlsFailure = "handshake_reset"
	tlsHandshakeHang  tlsFailure = "handshake_hang"
)

func (f *tls) Fields() []schema.Field {
	return []schema.Field{
		schema.Enum(&f.as, "as", "how it fails", tlsExpired, tlsWrongHost, tlsUntrusted, tlsSelfSigned, tlsHandshakeAlert, tlsHandshakeReset, tlsHandshakeHang).Needed(),
	}
}

func (f *tls) Check(schema.Value, fs.FS) {}

// Certifies reports whether the sender is shown a certificate.
func (f *tls) Certifies() bool {
	_, shown := f.Parts(Occasion{})[0].Step.(Present)
	return shown
}

func (f *tls) Parts(Occasion) []Part {
	end := func(step Step) Part { return Part{Stage: StageTerminal, Step: step, Ends: true} }
	switch f.as {
	case tlsHandshakeAlert:
		return []Part{end(Alert{})}
	case tlsHandshakeReset:
		return []Part{end(Reset{})}
	case tlsHandshakeHang:
		return []Part{end(Hold{}), end(Reset{})}
	case tlsExpired:
		return []Part{end(Present{Expired})}
	case tlsWrongHost:
		return []Part{end(Present{WrongHost})}
	case tlsUntrusted:
		return []Part{end(Present{Untrusted})}
	case tlsSelfSigned:
		return []Part{end(Present{SelfSigned})}
	default:
		panic("faults: tls as " + string(f.as))
	}
}
