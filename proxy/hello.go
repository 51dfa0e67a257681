package proxy

import (
	"cmp"
	"crypto/tls"
	"slices"
)

// hello is what is known of a handshake with a sender.
type hello struct {
	shown     bool          // the sender was shown a certificate
	exchanges []tls.CurveID // of keys, that the sender offers; nil: it does not say
}

// classic are the key exchanges that are not hybrid. What a hybrid one costs more keeps what passes from the computers of a later day: from a sender to
// its proxy it does not go far.
var classic = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}

// keyExchanges are those that a sender who offers these is answered by; nil: any that Go knows.
func keyExchanges(offered []tls.CurveID) []tls.CurveID {
	if slices.ContainsFunc(offered, func(id tls.CurveID) bool { return slices.Contains(classic, id) }) {
		return classic
	}
	return nil
}

// tlsConfig is how we answer a handshake: by a certificate for the name that the sender asks for, else for the host of its CONNECT; http/1.1 only.
// It lives as long as the connection, and keeps nothing of its CONNECT.
func tlsConfig(certificate func(host string) (*tls.Certificate, error), host string, said *hello) *tls.Config {
	answer := &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(asked *tls.ClientHelloInfo) (*tls.Certificate, error) {
			made, err := certificate(cmp.Or(asked.ServerName, host))
			said.shown = err == nil
			return made, err
		},
	}
	return &tls.Config{GetConfigForClient: func(asked *tls.ClientHelloInfo) (*tls.Config, error) {
		said.exchanges = asked.SupportedCurves
		answer.CurvePreferences = keyExchanges(asked.SupportedCurves)
		return answer, nil
	}}
}
