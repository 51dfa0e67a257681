package proxy

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
)

// refusal is why a request was turned away before it became an attempt.
type refusal struct {
	status int
	reason string // the metric's label
	text   string
}

// turnAway answers a request that is no attempt: one line for the operator, a counter, no record.
func (s *Server) turnAway(w *reply, r *http.Request, why refusal) {
	s.cfg.Refused(why.reason)
	s.cfg.Log.Warn("request refused", "reason", why.reason, "status", why.status, "client", r.RemoteAddr, "method", r.Method, "host", r.Host)
	if s.cfg.Signs != SignNone {
		w.Header().Set("Proxy-Status", s.cfg.Name+"; error="+proxyError(why.status))
		w.Header().Set("X-Faultline-Reason", why.reason)
	}
	if why.status == http.StatusProxyAuthRequired {
		w.Header().Set("Proxy-Authenticate", `Basic realm="faultline"`) // RFC 9110 11.7.1
	}
	ownAnswer(w.Header(), len(why.text)+1)
	w.closes = w.closes || w.unreadable()
	w.WriteHeader(why.status)
	// The sender may be gone; then there is nobody to tell.
	_, _ = io.WriteString(w, why.text+"\n")
}

func ownAnswer(h http.Header, length int) {
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(length))
	h.Set("X-Content-Type-Options", "nosniff")
}

// proxyError is the RFC 9209 2.3 error type that goes with a status of ours.
func proxyError(status int) string {
	switch status {
	case http.StatusLoopDetected:
		return "proxy_loop_detected"
	case http.StatusForbidden, http.StatusProxyAuthRequired:
		return "http_request_denied"
	case http.StatusServiceUnavailable:
		return "proxy_internal_response"
	default:
		return "http_request_error"
	}
}

// gatewayFailure is what a proxy says that could not get an answer from the target: a status, the RFC 9209 error type, and a text without
// addresses.
func gatewayFailure(err error) (status int, kind, text string) {
	var dns *net.DNSError
	var netErr net.Error
	switch {
	case exhausted(err):
		return http.StatusServiceUnavailable, "proxy_internal_error", "this proxy has no file descriptor left (ulimit -n)"
	case errors.Is(err, errParent):
		return http.StatusBadGateway, "destination_unavailable", "the proxy on the way to the target (target.proxy) did not lead there"
	case errors.Is(err, errLoop):
		return http.StatusLoopDetected, "proxy_loop_detected", "the target is this proxy itself"
	case errors.Is(err, errGuarded):
		return http.StatusForbidden, "destination_ip_prohibited", "the target may not be reached through this proxy"
	case errors.As(err, &dns) && dns.IsTimeout:
		return http.StatusGatewayTimeout, "dns_timeout", "the target's name was not resolved in time"
	case errors.As(err, &dns):
		return http.StatusBadGateway, "dns_error", "the target's name cannot be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return http.StatusBadGateway, "connection_refused", "the target refused the connection"
	case errors.Is(err, context.DeadlineExceeded) && !unconnected(err):
		return http.StatusGatewayTimeout, "http_response_timeout", "the target did not answer in time"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT), errors.As(err, &netErr) && netErr.Timeout():
		return http.StatusGatewayTimeout, "connection_timeout", "the target could not be connected to in time"
	case errors.Is(err, errHandshake), isAlert(err): // TLS 1.3 tells of a certificate that it wants after the handshake (RFC 8446 4.4.2.4)
		return handshakeFailure(err)
	case errors.Is(err, errHeadTooLarge):
		return http.StatusBadGateway, "http_response_header_section_size", "the head of the target's answer is too large"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return http.StatusBadGateway, "connection_terminated", "the target closed the connection without an answer"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return http.StatusBadGateway, "destination_ip_unroutable", "the target's address cannot be reached"
	default:
		return http.StatusBadGateway, "http_protocol_error", "the target's answer is not HTTP"
	}
}

// unconnected reports whether the connection to the target, or its handshake, is what failed.
func unconnected(err error) bool {
	var op *net.OpError
	return errors.Is(err, errHandshake) || errors.As(err, &op) && op.Op == "dial"
}

// isAlert reports whether the target has sent a TLS alert.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// handshakeFailure names what is wrong with a target's TLS, and nothing of its certificate.
func handshakeFailure(err error) (status int, kind, text string) {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return http.StatusBadGateway, "tls_certificate_error", "the target's certificate has expired or is not valid yet"
	case errors.As(err, &name):
		return http.StatusBadGateway, "tls_certificate_error", "the target's certificate is for another name"
	case errors.As(err, &authority):
		return http.StatusBadGateway, "tls_certificate_error", "the target's certificate is from an authority that is not trusted (target.ca_file)"
	case errors.As(err, &invalid):
		return http.StatusBadGateway, "tls_certificate_error", "the target's certificate is not valid"
	case isAlert(err):
		return http.StatusBadGateway, "tls_alert_received", "the target ended the TLS handshake"
	default:
		return http.StatusBadGateway, "tls_protocol_error", "no TLS connection to the target could be made"
	}
}
