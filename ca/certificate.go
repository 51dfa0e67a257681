package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

const (
	caLife   = 30 * 24 * time.Hour
	leafLife = 7 * 24 * time.Hour
	// renewal is how long before its end a certificate is made anew.
	renewal = 24 * time.Hour
	// skew is how far a client's clock may be behind ours.
	skew = time.Hour
)

// namePrefix begins the name of every CA that faultline makes. The rest is from its key: clients find an issuer by its name, and two of ours must
// not be taken for each other.
const namePrefix = "faultline CA "

func isOurs(cert *x509.Certificate) bool {
	return strings.HasPrefix(cert.Subject.CommonName, namePrefix)
}

// due reports whether a CA is of no use any more, soon will be, or is not yet, which happens when a clock was wrong.
func due(cert *x509.Certificate, now time.Time) bool {
	return now.Before(cert.NotBefore) || !now.Before(cert.NotAfter.Add(-renewal))
}

// newAuthority makes a CA that issues leaves and nothing else.
func newAuthority(now time.Time) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, fmt.Errorf("make key of the CA: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return pair{}, fmt.Errorf("name the CA: %w", err)
	}
	sum := sha256.Sum256(public)
	from := now.Add(-skew).Truncate(time.Second)
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: fmt.Sprintf("%s%x", namePrefix, sum[:4])},
		NotBefore:             from,
		NotAfter:              from.Add(caLife),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	cert, err := issue(template, pair{template, key}, key)
	return pair{cert, key}, err
}

// leafTemplate is the certificate of a host from and until these times, unsigned.
func leafTemplate(host string, from, until time.Time) *x509.Certificate {
	template := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"faultline"}},
		NotBefore:             from.Truncate(time.Second), // a certificate knows whole seconds
		NotAfter:              until.Truncate(time.Second),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		template.IPAddresses = append(template.IPAddresses, ip.AsSlice())
	} else {
		template.DNSNames = []string{host}
	}
	return template
}

// leafEnds is when a leaf made at now ends: never after its CA.
func leafEnds(now time.Time, parent *x509.Certificate) time.Time {
	until := now.Add(leafLife - skew).Truncate(time.Second)
	if until.After(parent.NotAfter) {
		return parent.NotAfter
	}
	return until
}

func issue(template *x509.Certificate, parent pair, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	raw, err := x509.CreateCertificate(rand.Reader, template, parent.cert, &key.PublicKey, parent.key)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	return x509.ParseCertificate(raw)
}
