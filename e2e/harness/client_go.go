package harness

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"
)

// sendWithGo names the proxy itself: from the environment Go never takes one for an address of the loopback.
func sendWithGo(t testing.TB, proxy string, post Post) Result {
	client := http.Client{Timeout: 3 * time.Second, Transport: GoTransport(t, proxy, post.CA)}
	defer client.CloseIdleConnections()
	answer, err := client.Post(post.URL, "application/json", bytes.NewReader(payload()))
	if err != nil {
		return Result{Error: nameOf(err)}
	}
	defer answer.Body.Close() // it was read to its end, or the error below says so
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return Result{Status: answer.StatusCode, Error: nameOf(err)}
	}
	return Result{Status: answer.StatusCode}
}

// GoTransport is a transport through the proxy, unless that is "", that trusts the certificates of a file, unless that is "".
func GoTransport(t testing.TB, proxy, ca string) *http.Transport {
	transport := &http.Transport{}
	if proxy != "" {
		address, err := url.Parse(proxy)
		if err != nil {
			t.Errorf("reading the proxy's address: %v", err)
		}
		transport.Proxy = http.ProxyURL(address)
	}
	if ca != "" {
		text, err := os.ReadFile(ca)
		if err != nil {
			t.Errorf("reading the certificates to trust: %v", err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(text)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	return transport
}

// nameOf names an error as one would switch over it.
func nameOf(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return "Timeout"
	case errors.Is(err, syscall.ECONNRESET):
		return "ECONNRESET"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "ECONNREFUSED"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "UnexpectedEOF"
	case errors.Is(err, io.EOF):
		return "EOF"
	default:
		return err.Error()
	}
}
