package ca

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"
)

// Flaw is what is wrong with a certificate that no client should accept.
type Flaw string

// The flaws.
const (
	Expired    Flaw = "expired"     // its time was over yesterday
	WrongHost  Flaw = "wrong_host"  // it is for another host
	Untrusted  Flaw = "untrusted"   // an authority has signed it that nobody knows
	SelfSigned Flaw = "self_signed" // it has signed itself
)

// otherHost is who a certificate for the wrong host is for: a name that nobody can have (RFC 2606 2).
const otherHost = "wrong-host.faultline.invalid"

// Flawed is the certificate of a host with one flaw, and sound for who trusts the CA in all else. Kept, shared and failing as Leaf's.
func (a *Authority) Flawed(host string, flaw Flaw) (*tls.Certificate, error) {
	return a.obtainLeaf(host, string(flaw), func(name string, now, ends time.Time) (*tls.Certificate, error) {
		switch flaw {
		case Expired:
			ours := leafTemplate(name, now.Add(-leafLife-renewal), now.Add(-renewal))
			return issueLeaf(ours, a.pair, a.leafKey, a.pair.cert)
		case WrongHost:
			return issueLeaf(leafTemplate(otherHost, now.Add(-skew), ends), a.pair, a.leafKey, a.pair.cert)
		case Untrusted:
			stranger, err := newAuthority(now)
			if err != nil {
				return nil, err
			}
			return issueLeaf(leafTemplate(name, now.Add(-skew), ends), stranger, a.leafKey)
		case SelfSigned:
			itself := leafTemplate(name, now.Add(-skew), ends)
			itself.Subject = pkix.Name{CommonName: name}
			itself.IsCA, itself.KeyUsage = true, itself.KeyUsage|x509.KeyUsageCertSign // as `openssl req -x509` makes it
			return issueLeaf(itself, pair{itself, a.leafKey}, a.leafKey)
		default:
			return nil, fmt.Errorf("a certificate with the flaw %q", flaw)
		}
	})
}

// issueLeaf signs a certificate, and puts those behind it that a client is sent along.
func issueLeaf(template *x509.Certificate, parent pair, key *ecdsa.PrivateKey, behind ...*x509.Certificate) (*tls.Certificate, error) {
	cert, err := issue(template, parent, key)
	if err != nil {
		return nil, err
	}
	chain := [][]byte{cert.Raw}
	for _, c := range behind {
		chain = append(chain, c.Raw)
	}
	return &tls.Certificate{Certificate: chain, PrivateKey: key, Leaf: cert}, nil
}
