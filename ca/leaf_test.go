package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// verify holds the leaf of a host against what a client at that moment checks, with ca.pem alone as its roots.
func verify(t *testing.T, a *Authority, host string, now time.Time) {
	t.Helper()
	served, err := a.Leaf(host)
	require.NoError(t, err)
	require.Len(t, served.Certificate, 2)
	cert, err := x509.ParseCertificate(served.Certificate[0])
	require.NoError(t, err)
	root, err := x509.ParseCertificate(served.Certificate[1])
	require.NoError(t, err)
	trusted, err := readCertificate(a.Paths().CA)
	require.NoError(t, err)
	require.Equal(t, trusted.Raw, root.Raw)
	roots := x509.NewCertPool()
	roots.AddCert(trusted)
	_, err = cert.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	require.NoError(t, err)
}

func TestLeaf(t *testing.T) {
	a := opened(t, t.TempDir(), noon)
	for _, host := range []string{"hooks.example.com", "localhost", "my_service.local", "xn--bcher-kva.example", "3com.test", "127.0.0.1", "2001:db8::1", "[::1]"} {
		t.Run(host, func(t *testing.T) { verify(t, a, host, noon) })
	}
	leaf, err := a.Leaf("hooks.example.com")
	require.NoError(t, err)
	require.Equal(t, []string{"hooks.example.com"}, leaf.Leaf.DNSNames)
	require.Empty(t, leaf.Leaf.IPAddresses)
	require.False(t, leaf.Leaf.IsCA)
	require.Equal(t, x509.KeyUsageDigitalSignature, leaf.Leaf.KeyUsage)
	require.Equal(t, noon.Add(-time.Hour), leaf.Leaf.NotBefore)
	require.Equal(t, 7*24*time.Hour, leaf.Leaf.NotAfter.Sub(leaf.Leaf.NotBefore))
	require.Equal(t, elliptic.P256(), leaf.PrivateKey.(*ecdsa.PrivateKey).Curve)

	other, err := a.Leaf("127.0.0.1")
	require.NoError(t, err)
	require.Same(t, leaf.PrivateKey, other.PrivateKey, "one key per process")
	require.Empty(t, other.Leaf.DNSNames)
	require.NotEqual(t, leaf.Leaf.SerialNumber, other.Leaf.SerialNumber)
}

func TestLeafKnowsAHostInEverySpelling(t *testing.T) {
	a := opened(t, t.TempDir(), noon)
	tests := []struct{ one, other string }{
		{"hooks.test", "HOOKS.Test"},
		{"hooks.test", "hooks.test."},
		{"::1", "[0:0::1]"},
		{"127.0.0.1", "::ffff:127.0.0.1"},
	}
	for _, tt := range tests {
		one, err := a.Leaf(tt.one)
		require.NoError(t, err)
		other, err := a.Leaf(tt.other)
		require.NoError(t, err)
		require.Same(t, one, other, "%s and %s", tt.one, tt.other)
	}
}

func TestLeafIsMadeOnce(t *testing.T) {
	a := opened(t, t.TempDir(), noon)
	made := make([]*tls.Certificate, 64)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			if leaf, err := a.Leaf("hooks.test"); err == nil {
				made[i] = leaf
			}
		})
	}
	all.Wait()
	require.NotNil(t, made[0])
	for _, leaf := range made {
		require.Same(t, made[0], leaf)
	}
}

func TestLeavesAreBounded(t *testing.T) {
	require.Equal(t, 1000, maxLeaves)
	a := opened(t, t.TempDir(), noon)
	a.leaves = newLeaves(3)
	get := func(host string) *tls.Certificate {
		leaf, err := a.Leaf(host)
		require.NoError(t, err)
		return leaf
	}
	first, second := get("1.test"), get("2.test")
	get("3.test")
	require.Same(t, first, get("1.test")) // and so 2.test is the longest unused
	get("4.test")
	require.Same(t, first, get("1.test"))
	require.NotSame(t, second, get("2.test"))
	for i := range 20 {
		get(fmt.Sprintf("many-%d.test", i))
	}
	require.Len(t, a.leaves.byID, 3)
	require.Equal(t, 3, a.leaves.used.Len())
}

func TestLeafIsRenewed(t *testing.T) {
	const day = 24 * time.Hour
	leafEnd, caEnd := noon.Add(7*day-time.Hour), noon.Add(30*day-time.Hour)
	now := noon
	a, err := open(t.TempDir(), func() time.Time { return now }, nil)
	require.NoError(t, err)
	steps := []struct {
		name string
		now  time.Time
		same bool // as the one before
		ends time.Time
	}{
		{"the first", noon, false, leafEnd},
		{"more than a day before its end", leafEnd.Add(-day - time.Second), true, leafEnd},
		{"a day before its end", leafEnd.Add(-day), false, leafEnd.Add(6*day - time.Hour)},
		{"cut short by the CA", caEnd.Add(-2 * day), false, caEnd},
		{"another would not last longer", caEnd.Add(-time.Hour), true, caEnd},
		{"the last moment", caEnd, true, caEnd},
	}
	var before *tls.Certificate
	for _, step := range steps {
		now = step.now
		leaf, err := a.Leaf("hooks.test")
		require.NoError(t, err, step.name)
		require.Equal(t, step.same, leaf == before, step.name)
		require.Equal(t, step.ends, leaf.Leaf.NotAfter, step.name)
		verify(t, a, "hooks.test", now)
		before = leaf
	}
	now = caEnd.Add(time.Second)
	_, err = a.Leaf("hooks.test")
	require.EqualError(t, err, `make certificate of "hooks.test": the CA has ended at 2026-03-31T11:00:00Z; a new start makes a new one`)
}

// A certificate is never valid before its CA is, even when the clock has been put back.
func TestLeafBeginsWithItsCA(t *testing.T) {
	now := noon
	a, err := open(t.TempDir(), func() time.Time { return now }, nil)
	require.NoError(t, err)
	now = noon.Add(-10 * time.Minute)
	leaf, err := a.Leaf("hooks.test")
	require.NoError(t, err)
	require.Equal(t, a.pair.cert.NotBefore, leaf.Leaf.NotBefore)
}
