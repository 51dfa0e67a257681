package wiretest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Authority signs certificates for the targets and the interception of a test.
type Authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes one.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "wiretest " + rand.Text()}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &Authority{t: t, cert: cert, key: key}
}

// Pool trusts it.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// PEM is its certificate, for clients that trust by files.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Leaf is a certificate for a host, name or address. change may alter it before it is signed.
func (a *Authority) Leaf(host string, change ...func(*x509.Certificate)) (*tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	for _, f := range change {
		f(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: a.key}, nil
}

// ListenTLS starts a target that speaks TLS with a certificate for 127.0.0.1; the script sees what is inside.
func ListenTLS(t testing.TB, leaf *tls.Certificate, script func(*Conn)) *Target {
	t.Helper()
	return ListenTLSBy(t, &tls.Config{Certificates: []tls.Certificate{*leaf}, NextProtos: []string{"http/1.1"}}, script)
}

// ListenTLSBy is ListenTLS as the config says.
func ListenTLSBy(t testing.TB, config *tls.Config, script func(*Conn)) *Target {
	t.Helper()
	return Listen(t, func(c *Conn) {
		secured := tls.Server(c.TCPConn, config)
		if err := secured.Handshake(); err != nil {
			return
		}
		c.wrap(secured)
		script(c)
		_ = secured.Close() // the script may have closed it
	})
}

// Secure begins TLS on the sender's connection, after its CONNECT was answered.
func (s *Sender) Secure(host string, roots *x509.CertPool) {
	s.t.Helper()
	require.NoError(s.t, s.TrySecure(host, roots))
}

// TrySecure is Secure for handshakes that may fail.
func (s *Sender) TrySecure(host string, roots *x509.CertPool) error {
	s.t.Helper()
	return s.TrySecureBy(&tls.Config{ServerName: host, RootCAs: roots, NextProtos: []string{"http/1.1"}})
}

// TrySecureBy is TrySecure as the config says.
func (s *Sender) TrySecureBy(config *tls.Config) error {
	s.t.Helper()
	secured := tls.Client(s.tcp, config)
	require.NoError(s.t, s.tcp.SetDeadline(time.Now().Add(Patience)))
	if err := secured.Handshake(); err != nil {
		return err
	}
	require.NoError(s.t, s.tcp.SetDeadline(time.Time{}))
	s.use(secured)
	return nil
}
