package harness

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
)

// sendWithGo names the proxy itself: from the environment Go never takes one for an address of the loopback.
func sendWithGo(t testing.TB, proxy string, post Post) Result {
	transport := GoTransport(t, proxy, post.CA)
	transport.DialContext = (&net.Dialer{Timeout: post.connect()}).DialContext
	client := http.Client{Timeout: post.read(), Transport: transport}
	defer client.CloseIdleConnections()
	var result Result
	for _, url := range post.urls() {
		result = postWithGo(&client, url)
	}
	if !post.Whole {
		result.Body, result.RetryAfter = "", ""
	}
	return result
}

func postWithGo(client *http.Client, url string) Result {
	answer, err := client.Post(url, "application/json", bytes.NewReader(payload()))
	if err != nil {
		return Result{Error: NameOf(err)}
	}
	defer answer.Body.Close() // it was read to its end, or the error below says so
	body, err := io.ReadAll(answer.Body)
	result := Result{Status: answer.StatusCode, Body: string(body), RetryAfter: answer.Header.Get("Retry-After")}
	if err != nil {
		result.Error = NameOf(err)
	}
	return result
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

// NameOf names an error as one would switch over it.
func NameOf(err error) string {
	var timeout interface{ Timeout() bool }
	var dialled *net.OpError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid):
		return fmt.Sprintf("%T", invalid)
	case errors.As(err, &host):
		return fmt.Sprintf("%T", host)
	case errors.As(err, &unknown):
		return fmt.Sprintf("%T", unknown)
	case errors.As(err, &dialled) && (dialled.Op == "dial" || dialled.Op == "proxyconnect") && dialled.Timeout():
		return "DialTimeout"
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
		return unaddressed(err).Error()
	}
}

// unaddressed is the error without the URL that it is about.
func unaddressed(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
