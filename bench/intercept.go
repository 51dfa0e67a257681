package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
)

// An opening is what proxies need to look into TLS, and to verify a target that speaks it.
type opening struct{ cert, key string } // files of the target

func (b *bench) newOpening() (opening, error) {
	certificate, err := newCertificate(targetName, true)
	if err != nil {
		return opening{}, err
	}
	cert, key, err := b.writeCertificate(certificate)
	return opening{cert: cert, key: key}, err
}

// target are the flags of a target.
func (o opening) target() []string { return []string{"-cert", o.cert, "-key", o.key} }

// trust is the variable by which Go trusts it.
func (o opening) trust() string { return "SSL_CERT_FILE=" + o.cert }

// added adds to a scenario what faultline must know.
func (o opening) added(b *bench, s scenarioText) scenarioText {
	s.more += fmt.Sprintf("\n[target]\nca_file = %q\n\n[tls]\nintercept = \"127.0.0.1\"\nca_dir = %q\n", o.cert, filepath.Join(b.dir, "ca"))
	return s
}

// tunnel is how a sender speaks TLS through a proxy that looks into it.
func (o opening) tunnel() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, VerifyConnection: opened}
}

// intercept measures attempts over TLS that the proxies look into: over connections that are kept, and each over a new one. All verify the target.
func intercept(b *bench) ([]table, error) {
	o, err := b.newOpening()
	if err != nil {
		return nil, err
	}
	scenario := o.added(b, usual())
	peers := []peer{
		{name: "faultline", start: faultlineAs("faultline-tls", b.faultline, scenario)},
		{name: "goproxy, tuned, EC key, certificates kept", start: own("tuned-opening", o.trust())},
		{name: "goproxy, EC key, certificates kept", start: own("opening", o.trust())},
		{name: "mitmdump", start: mitmdump("ssl_verify_upstream_trusted_ca=" + o.cert)},
	}
	peers = b.withOther(peers, scenario)
	kept, err := b.interceptAll(peers, o, false)
	if err != nil {
		return nil, err
	}
	fresh, err := b.interceptAll(peers, o, true)
	if err != nil {
		return nil, err
	}
	keep := tableOf("intercept", "Intercepted HTTPS: 64 keep-alive senders, POST of 1 KiB", roundColumns(), kept)
	keep.Notes = []string{"Wanted: at least 0.95 of goproxy's attempts per second, and 10 times mitmproxy's."}
	anew := tableOf("intercept-fresh", "Intercepted HTTPS: 64 senders, a new connection for each attempt", roundColumns(), fresh)
	anew.Notes = []string{"A target connection of faultline's belongs to the sender's, so that it has a handshake with the target each time; the senders of tuned goproxy share a pool, and goproxy as it comes keeps two connections."}
	return []table{keep, anew}, nil
}

func (b *bench) interceptAll(peers []peer, o opening, fresh bool) ([]*contender, error) {
	defer b.stopAll()
	target, err := b.serve("target", b.otherCore, "", nil, o.target()...)
	if err != nil {
		return nil, err
	}
	return b.contest(peers, target.address, b.under(load{
		senders: senderCount,
		url:     "/claims/7",
		host:    target.address,
		keys:    keyCount,
		tunnel:  o.tunnel(),
		fresh:   fresh,
	}))
}

// opened is an error when a connection through a proxy leads to the target itself: then nobody looks into it.
func opened(state tls.ConnectionState) error {
	if state.PeerCertificates[0].Issuer.CommonName == targetName {
		return errors.New("the proxy has not opened the connection")
	}
	return nil
}
