package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name string
		harm func(t *testing.T, dir string)
		want string // DIR stands for the folder
	}{
		{
			"a key that the group can read", func(t *testing.T, dir string) { require.NoError(t, os.Chmod(filepath.Join(dir, keyFile), 0o640)) },
			`"DIR/ca.key" has mode 0640: others can reach the key of the CA, and could pose as any host to those who trust it; chmod 0600 mends it, or remove it and ca.pem`,
		},
		{
			"a key that all can read", func(t *testing.T, dir string) { require.NoError(t, os.Chmod(filepath.Join(dir, keyFile), 0o604)) },
			`"DIR/ca.key" has mode 0604: others can reach the key of the CA, and could pose as any host to those who trust it; chmod 0600 mends it, or remove it and ca.pem`,
		},
		{
			"a folder that all can write to", func(t *testing.T, dir string) { require.NoError(t, os.Chmod(dir, 0o777)) },
			`folder "DIR" of the CA has mode 0777: anybody could put a key of theirs there; chmod 0700 mends it`,
		},
		{
			"a key alone", func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, CertificateFile))) },
			`of "DIR/ca.pem" and "DIR/ca.key" one is there without the other: remove it, and a new CA is made`,
		},
		{
			"a certificate alone", func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, keyFile))) },
			`of "DIR/ca.pem" and "DIR/ca.key" one is there without the other: remove it, and a new CA is made`,
		},
		{
			"the key of another", func(t *testing.T, dir string) {
				other := filepath.Join(t.TempDir(), "other")
				opened(t, other, noon)
				require.NoError(t, os.Rename(filepath.Join(other, keyFile), filepath.Join(dir, keyFile)))
			},
			`"DIR/ca.key" is not the key of "DIR/ca.pem": remove both, and a new CA is made`,
		},
		{
			"no key in its file", func(t *testing.T, dir string) { overwrite(t, filepath.Join(dir, keyFile), "") },
			`read key of the CA: "DIR/ca.key" begins with no PRIVATE KEY block`,
		},
		{
			"a broken key", func(t *testing.T, dir string) {
				overwrite(t, filepath.Join(dir, keyFile), string(encode(keyBlock, []byte{0x30})))
			},
			`read key of the CA "DIR/ca.key": asn1: syntax error: truncated tag or length`,
		},
		{
			"a key in the place of the certificate", func(t *testing.T, dir string) {
				key, err := os.ReadFile(filepath.Join(dir, keyFile))
				require.NoError(t, err)
				overwrite(t, filepath.Join(dir, CertificateFile), string(key))
			},
			`read certificate of the CA: "DIR/ca.pem" begins with no CERTIFICATE block`,
		},
		{
			"a broken certificate", func(t *testing.T, dir string) {
				overwrite(t, filepath.Join(dir, CertificateFile), string(encode(certificateBlock, []byte{0x30})))
			},
			`read certificate of the CA "DIR/ca.pem": x509: malformed certificate`,
		},
		{
			"the certificate of a host", func(t *testing.T, dir string) {
				leaf, err := opened(t, dir, noon).Leaf("hooks.test")
				require.NoError(t, err)
				overwrite(t, filepath.Join(dir, CertificateFile), string(encode(certificateBlock, leaf.Certificate[0])))
			},
			`read certificate of the CA: "DIR/ca.pem" may not sign others`,
		},
		{
			"another's CA that has ended", func(t *testing.T, dir string) { install(t, dir, "Acme Root", noon.Add(-time.Hour)) },
			`"DIR/ca.pem" is valid from 2026-02-28T12:00:00Z until 2026-03-01T11:00:00Z, and it is not one that faultline made: renew it, or remove it and its key`,
		},
		{
			"a folder where the new bundle would lie", func(t *testing.T, dir string) {
				require.NoError(t, os.MkdirAll(filepath.Join(dir, bundleFile+staged, "full"), 0o700))
			},
			`clear the way for a new file of the CA: remove DIR/bundle.pem.new: directory not empty`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "ca")
			opened(t, dir, noon)
			tt.harm(t, dir)
			before := contents(t, dir)
			_, err := open(dir, at(noon), nil)
			require.EqualError(t, err, strings.ReplaceAll(tt.want, "DIR", dir))
			require.Equal(t, before, contents(t, dir), "nothing is replaced")
		})
	}
}

func TestOpenWhereNoFolderCanBe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	overwrite(t, name, "")
	_, err := Open(filepath.Join(name, "ca"), time.Now)
	require.EqualError(t, err, "make folder of the CA: mkdir "+name+": not a directory")
}

func overwrite(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

// contents are the certificate and the key, as far as they are there.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range []string{CertificateFile, keyFile} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if !os.IsNotExist(err) {
			require.NoError(t, err)
			all[name] = string(data)
		}
	}
	return all
}

// install puts a CA that is not faultline's into a folder.
func install(t *testing.T, dir, name string, until time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: noon.Add(-24 * time.Hour), NotAfter: until,
		BasicConstraintsValid: true, IsCA: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	overwrite(t, filepath.Join(dir, CertificateFile), string(encode(certificateBlock, raw)))
	overwrite(t, filepath.Join(dir, keyFile), string(encode(keyBlock, der)))
}

// A CA of the operator's own is used as it is, for as long as it lasts.
func TestOpenLoadsAnothersCA(t *testing.T) {
	dir := t.TempDir()
	install(t, dir, "Acme Root", noon.Add(48*time.Hour))
	a := opened(t, dir, noon)
	require.Equal(t, Loaded, a.Origin())
	leaf, err := a.Leaf("hooks.test")
	require.NoError(t, err)
	require.Equal(t, noon.Add(48*time.Hour), leaf.Leaf.NotAfter)
	verify(t, a, "hooks.test", noon)
}

// A process that dies between any two steps of a renewal leaves a folder that opens.
func TestOpenAfterADeathInARenewal(t *testing.T) {
	tests := []struct {
		name    string
		left    func(t *testing.T, dir, next string) // dir as it was left; next has the pair that was on its way
		renewed bool
	}{
		{"the key staged, half of it", func(t *testing.T, dir, _ string) { overwrite(t, filepath.Join(dir, keyFile+staged), "-----BEGIN") }, false},
		{"the key staged", func(t *testing.T, dir, next string) { move(t, next, keyFile, dir, keyFile+staged) }, false},
		{"the key and the certificate staged", func(t *testing.T, dir, next string) {
			move(t, next, keyFile, dir, keyFile+staged)
			move(t, next, CertificateFile, dir, CertificateFile+staged)
		}, false},
		{"the certificate in place", func(t *testing.T, dir, next string) {
			move(t, next, keyFile, dir, keyFile+staged)
			move(t, next, CertificateFile, dir, CertificateFile)
		}, true},
		{"the certificate in place, of the first pair", func(t *testing.T, dir, next string) {
			require.NoError(t, os.Remove(filepath.Join(dir, keyFile)))
			move(t, next, keyFile, dir, keyFile+staged)
			move(t, next, CertificateFile, dir, CertificateFile)
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, next := t.TempDir(), t.TempDir()
			want := opened(t, dir, noon)
			if other := opened(t, next, noon); tt.renewed {
				want = other
			}
			tt.left(t, dir, next)
			a := opened(t, dir, noon)
			require.Equal(t, Loaded, a.Origin())
			require.Equal(t, want.Fingerprint(), a.Fingerprint())
			require.Equal(t, Renewed, opened(t, dir, noon.Add(60*24*time.Hour)).Origin(), "what was left is not in the way of the next")
		})
	}
}

func move(t *testing.T, from, name, to, as string) {
	t.Helper()
	require.NoError(t, os.Rename(filepath.Join(from, name), filepath.Join(to, as)))
}
