package proxy_test

import (
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// TestKeyExchange: a sender is answered by a key exchange that is not hybrid where it offers one, and its target is offered what it offers itself.
func TestKeyExchange(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("127.0.0.1")
	require.NoError(t, err)
	offered := make(chan []tls.CurveID, 1)
	target := wiretest.ListenTLSBy(t, &tls.Config{Certificates: []tls.Certificate{*leaf}, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		offered <- hello.SupportedCurves
		return nil, nil
	}}, wiretest.Answering(wiretest.OK))
	p := intercepting(t, authority, "")
	for _, tt := range []struct {
		name   string
		offers []tls.CurveID // nil: all that Go knows
		answer tls.CurveID
	}{
		{"hybrid ones and others", nil, tls.X25519},
		{"a hybrid one and another", []tls.CurveID{tls.X25519MLKEM768, tls.CurveP256}, tls.CurveP256},
		{"no hybrid one", []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}, tls.X25519},
		{"one", []tls.CurveID{tls.CurveP384}, tls.CurveP384},
		{"hybrid ones alone", []tls.CurveID{tls.X25519MLKEM768}, tls.X25519MLKEM768},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := &tls.Config{ServerName: "127.0.0.1", RootCAs: authority.Pool(), CurvePreferences: tt.offers}
			require.NoError(t, wiretest.Dial(t, target.Address()).TrySecureBy(config))
			direct := <-offered

			sender := wiretest.Dial(t, p.address)
			sender.Send(connectTo(target.Address()))
			sender.Answer("CONNECT")
			var answer tls.CurveID
			config.VerifyConnection = func(state tls.ConnectionState) error {
				answer = state.CurveID
				return nil
			}
			require.NoError(t, sender.TrySecureBy(config))
			require.Equal(t, tt.answer, answer)
			sender.Send(inside("/hook", "x"))
			resp, body := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode, body)
			require.Equal(t, direct, <-offered)
		})
	}
}
