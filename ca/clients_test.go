package ca

import (
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve answers https by the leaves of an authority; it returns the port.
func serve(t *testing.T, a *Authority) string {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
		TLSConfig: &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName == "" { // the client was given an address
				return a.Leaf("127.0.0.1")
			}
			return a.Leaf(hello.ServerName)
		}},
		ReadHeaderTimeout: 10 * time.Second,
	}
	ended := make(chan error)
	go func() { ended <- server.ServeTLS(plain, "", "") }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
	_, port, err := net.SplitHostPort(plain.Addr().String())
	require.NoError(t, err)
	return port
}

// program runs a program and gives what it printed. That it is not there fails the test: `make check` wants it.
func program(t *testing.T, env []string, argv ...string) string {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.TrimSpace(string(out))
}

func TestOpenSSLAcceptsTheChainStrictly(t *testing.T) {
	a, err := Open(t.TempDir(), time.Now)
	require.NoError(t, err)
	for host, flag := range map[string]string{"hooks.example.com": "-verify_hostname", "127.0.0.1": "-verify_ip"} {
		leaf, err := a.Leaf(host)
		require.NoError(t, err)
		name := filepath.Join(t.TempDir(), "leaf.pem")
		overwrite(t, name, string(encode(certificateBlock, leaf.Certificate[0])))
		for _, roots := range []string{a.Paths().CA, a.Paths().Bundle} {
			said := program(t, nil, "openssl", "verify", "-x509_strict", "-purpose", "sslserver", flag, host, "-CAfile", roots, name)
			require.Equal(t, name+": OK", said)
		}
	}
	said := program(t, nil, "openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", a.Paths().CA)
	require.Equal(t, "sha256 Fingerprint="+a.Fingerprint(), said)
}

const pythonClient = `
import ssl, sys, urllib.request
context = ssl.create_default_context()
context.verify_flags |= ssl.VERIFY_X509_STRICT
print(urllib.request.urlopen(sys.argv[1], context=context).status)
`

func TestClientsTrustTheBundle(t *testing.T) {
	a, err := Open(t.TempDir(), time.Now)
	require.NoError(t, err)
	port := serve(t, a)
	bundle := a.Paths().Bundle
	tests := []struct {
		name string
		env  []string
		argv []string
	}{
		{
			"curl by name", []string{"CURL_CA_BUNDLE=" + bundle},
			[]string{"curl", "-sS", "-w", "%{http_code}", "--resolve", "hooks.example.com:" + port + ":127.0.0.1", "https://hooks.example.com:" + port + "/"},
		},
		{"curl by address", []string{"SSL_CERT_FILE=" + bundle}, []string{"curl", "-sS", "-w", "%{http_code}", "https://127.0.0.1:" + port + "/"}},
		{"python by name", []string{"SSL_CERT_FILE=" + bundle}, []string{"python3", "-c", pythonClient, "https://localhost:" + port + "/"}},
		{"python by address", []string{"SSL_CERT_FILE=" + bundle}, []string{"python3", "-c", pythonClient, "https://127.0.0.1:" + port + "/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, "204", program(t, tt.env, tt.argv...)) })
	}
	t.Run("nobody else does", func(t *testing.T) {
		out, err := exec.Command("curl", "-sS", "--noproxy", "*", "https://127.0.0.1:"+port+"/").CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), "self-signed certificate in certificate chain")
	})
}
