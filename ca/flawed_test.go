package ca

import (
	"crypto/x509"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each flawed certificate fails for its flaw alone: without it, as another client or another time sees it, the certificate is sound.
func TestFlawed(t *testing.T) {
	a, err := Open(t.TempDir(), time.Now)
	require.NoError(t, err)
	now := time.Now()
	tests := []struct {
		flaw    Flaw
		chain   int
		openssl string
		fails   any
		flawed  func(o *x509.VerifyOptions, leaf *x509.Certificate) // takes the flaw out
	}{
		{Expired, 2, "certificate has expired", new(x509.CertificateInvalidError), func(o *x509.VerifyOptions, _ *x509.Certificate) {
			o.CurrentTime = now.Add(-36 * time.Hour)
			o.Roots = x509.NewCertPool()
			ours := *a.pair.cert
			ours.NotBefore = now.Add(-48 * time.Hour) // it is younger than what it has signed
			o.Roots.AddCert(&ours)
		}},
		{WrongHost, 2, "hostname mismatch", new(x509.HostnameError), func(o *x509.VerifyOptions, _ *x509.Certificate) { o.DNSName = otherHost }},
		{Untrusted, 1, "unable to get local issuer certificate", new(x509.UnknownAuthorityError), trustItself},
		{SelfSigned, 1, "self-signed certificate", new(x509.UnknownAuthorityError), trustItself},
	}
	for _, tt := range tests {
		for _, host := range []string{"hooks.example.com", "127.0.0.1"} {
			t.Run(string(tt.flaw)+" "+host, func(t *testing.T) {
				served, err := a.Flawed(host, tt.flaw)
				require.NoError(t, err)
				require.Len(t, served.Certificate, tt.chain)
				again, err := a.Flawed(host, tt.flaw)
				require.NoError(t, err)
				require.Same(t, served, again)

				name := filepath.Join(t.TempDir(), "leaf.pem")
				overwrite(t, name, string(encode(certificateBlock, served.Certificate[0])))
				flag := map[bool]string{true: "-verify_ip", false: "-verify_hostname"}[host == "127.0.0.1"]
				said, err := exec.Command("openssl", "verify", flag, host, "-CAfile", a.Paths().CA, name).CombinedOutput()
				require.Error(t, err)
				if tt.flaw == WrongHost && host == "127.0.0.1" {
					require.Contains(t, string(said), "IP address mismatch")
				} else {
					require.Contains(t, string(said), tt.openssl)
				}

				roots := x509.NewCertPool()
				roots.AddCert(a.pair.cert)
				options := x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
				_, err = served.Leaf.Verify(options)
				require.ErrorAs(t, err, tt.fails)
				tt.flawed(&options, served.Leaf)
				_, err = served.Leaf.Verify(options)
				require.NoError(t, err)
			})
		}
	}
	sound, err := a.Leaf("hooks.example.com")
	require.NoError(t, err)
	_, err = sound.Leaf.Verify(x509.VerifyOptions{DNSName: "hooks.example.com", Roots: poolOf(a.pair.cert)})
	require.NoError(t, err, "a flawed certificate is never taken for the host's own")
}

// trustItself takes the certificate for its own root.
func trustItself(o *x509.VerifyOptions, leaf *x509.Certificate) { o.Roots = poolOf(leaf) }

func poolOf(cert *x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}

func TestFlawedRefuses(t *testing.T) {
	a := opened(t, t.TempDir(), noon)
	_, err := a.Flawed("hooks.example.com", "dusty")
	require.EqualError(t, err, `make certificate of "hooks.example.com": a certificate with the flaw "dusty"`)
	_, err = a.Flawed("a b", Expired)
	require.EqualError(t, err, `host "a b" has the character ' ': no certificate can name it`)
}
