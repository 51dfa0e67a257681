package proxy

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/faultline/faultline/http1"
)

// writeHead writes the head of the request as the target gets it, or a proxy that is to forward it there.
func (x *exchange) writeHead(b *bytes.Buffer, proxied bool) {
	target := x.to.target
	if proxied { // RFC 9112 3.2.2
		target = x.to.scheme + "://" + x.to.authority + strings.TrimPrefix(target, "*")
	}
	for _, part := range [...]string{x.r.Method, " ", target, " HTTP/1.1\r\nHost: ", x.to.authority, "\r\n"} {
		b.WriteString(part)
	}
	fields, left := x.passed()
	http1.WriteFields(b, fields, left)
	x.writeOwn(b)
	switch {
	case x.length < 0:
		http1.WriteField(b, "Transfer-Encoding", "chunked")
	case x.length > 0 || x.r.Header["Content-Length"] != nil:
		http1.WriteField(b, "Content-Length", strconv.FormatInt(x.length, 10))
	}
	b.WriteString("\r\n")
}

// passed are the fields that the target gets, but for the names that are left out of them: these are not for it, or are written anew.
func (x *exchange) passed() (fields http.Header, left map[string]bool) {
	fields, left = x.r.Header, withNamed(unpassed, x.r.Header)
	if x.outgoing != nil {
		fields, left = x.outgoing, framing
	}
	if !x.r.ProtoAtLeast(1, 1) {
		left = with(left, "Expect") // RFC 9110 10.1.1: HTTP/1.0 has none, and waits for nothing
	}
	if _, limited := forwardsLeft(x.r); limited {
		left = with(left, "Max-Forwards")
	}
	if x.outgoing != nil && (x.upgrade != "" || x.copies != nil) {
		left = with(left, "Connection", "Upgrade")
	}
	return fields, left
}

// writeOwn writes the fields that are this proxy's.
func (x *exchange) writeOwn(b *bytes.Buffer) {
	http1.WriteField(b, "Via", x.s.via(x.r.ProtoMajor, x.r.ProtoMinor))
	if left, limited := forwardsLeft(x.r); limited {
		http1.WriteField(b, "Max-Forwards", strconv.FormatUint(left-1, 10))
	}
	switch {
	case x.copies != nil:
		http1.WriteField(b, "Connection", "close") // a target may serve one connection after the other
	case x.upgrade != "":
		http1.WriteField(b, "Connection", "Upgrade")
		http1.WriteField(b, "Upgrade", x.upgrade)
	}
	if len(x.r.Trailer) > 0 {
		names := make([]string, 0, len(x.r.Trailer))
		for name := range x.r.Trailer {
			names = append(names, name)
		}
		http1.WriteField(b, "Trailer", strings.Join(names, ", "))
	}
}
