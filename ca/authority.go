// Package ca is faultline's own certificate authority: what an intercepted CONNECT is answered with. One per installation, in a folder that only
// its user can enter; it promises that its key never leaves that folder, that nothing it makes outlives 30 days, and that any number of
// processes may open it at once.
//
//	authority, err := ca.Open(dir, time.Now)
//	config := &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) { return authority.Leaf(hello.ServerName) }}
package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// Origin is where the certificate and key of an Authority come from.
type Origin string

// The origins.
const (
	Loaded  Origin = "loaded"  // from the folder, as they were
	Made    Origin = "made"    // there were none
	Renewed Origin = "renewed" // those in the folder had ended, or were about to: whoever copied ca.pem must copy it anew
)

// Authority issues certificates for the hosts that are intercepted. Safe for concurrent use; nothing is to be closed.
type Authority struct {
	pair    pair
	leafKey *ecdsa.PrivateKey // one per process, as a key per host would cost and protect nothing
	now     func() time.Time
	leaves  *leaves

	paths  Paths
	origin Origin
	roots  string
}

// Paths are the absolute names of the files that clients read.
type Paths struct {
	CA     string // our certificate alone, for clients that add it to their own roots
	Bundle string // the system's roots and ours, for clients that read one file in place of their own roots
}

// pair is a certificate and the key that belongs to it.
type pair struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// Open loads ca.pem and ca.key from dir, or makes both, and the folder; a certificate that has ended, or ends within a day, is made anew. Of several
// processes that start at once exactly one makes them. bundle.pem is written each time, as the system's roots change.
//
// It is an error, which names the file, when others can read the key or write to the folder, and when the files are not a CA and its key: what
// faultline has not made is never replaced. now is asked once here, and again for each leaf.
func Open(dir string, now func() time.Time) (*Authority, error) {
	return open(dir, now, systemRoots)
}

func open(dir string, now func() time.Time, roots []string) (*Authority, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find folder of the CA: %w", err)
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key for leaves: %w", err)
	}
	a := &Authority{
		leafKey: leafKey, now: now, leaves: newLeaves(maxLeaves),
		paths: Paths{CA: filepath.Join(dir, CertificateFile), Bundle: filepath.Join(dir, bundleFile)},
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if a.pair, a.origin, err = obtain(dir, now()); err != nil {
		return nil, err
	}
	a.roots, err = writeBundle(dir, a.pair.cert, roots)
	return a, err
}

// obtain is the pair of a locked folder.
func obtain(dir string, now time.Time) (pair, Origin, error) {
	p, err := load(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p, err = makePair(dir, now)
		return p, Made, err
	case err != nil || !due(p.cert, now):
		return p, Loaded, err
	case !isOurs(p.cert):
		return pair{}, "", fmt.Errorf("%q is valid from %s until %s, and it is not one that faultline made: renew it, or remove it and its key", filepath.Join(dir, CertificateFile),
			p.cert.NotBefore.Format(time.RFC3339), p.cert.NotAfter.Format(time.RFC3339))
	}
	p, err = makePair(dir, now)
	return p, Renewed, err
}

// Origin says whether the CA was there, was made or was renewed by Open.
func (a *Authority) Origin() Origin { return a.origin }

// Paths names the files for clients.
func (a *Authority) Paths() Paths { return a.paths }

// SystemRoots is the file whose roots stand in the bundle beside ours; "" when this system has none and the bundle holds ours alone, so that its
// readers trust nobody else.
func (a *Authority) SystemRoots() string { return a.roots }

// ValidUntil is when the CA ends, and every leaf with it.
func (a *Authority) ValidUntil() time.Time { return a.pair.cert.NotAfter }

// Fingerprint is the SHA-256 of the certificate as openssl and browsers write it: A1:B2:….
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.pair.cert.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}
