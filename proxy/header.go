package proxy

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// hopByHop are the fields that concern one connection only (RFC 9110 7.6.1), and those that are a proxy's own.
var hopByHop = [...]string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// endToEnd is a copy of h without hop-by-hop fields and those that Connection names.
func endToEnd(h http.Header) http.Header {
	out := h.Clone()
	if out == nil {
		out = make(http.Header)
	}
	for _, value := range h["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			out.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hopByHop {
		delete(out, name)
	}
	return out
}

// via is what this proxy adds to Via (RFC 9110 7.6.3) for a message of this version.
func (s *Server) via(major, minor int) string {
	return fmt.Sprintf("%d.%d %s", major, minor, s.cfg.Name)
}

// requestHead is the head of the request as the target gets it, or a proxy that is to forward it there.
func (x *exchange) requestHead(proxied bool) *bytes.Buffer {
	out := endToEnd(x.r.Header)
	if x.outgoing != nil {
		out = x.outgoing.Clone()
	}
	delete(out, "Content-Length") // framing is written below, from what will really follow
	out["Via"] = append(out["Via"], x.s.via(x.r.ProtoMajor, x.r.ProtoMinor))
	if !x.r.ProtoAtLeast(1, 1) {
		delete(out, "Expect") // RFC 9110 10.1.1: HTTP/1.0 has none, and waits for nothing
	}
	if left, limited := forwardsLeft(x.r); limited {
		out["Max-Forwards"] = []string{strconv.FormatUint(left-1, 10)}
	}
	if x.upgrade != "" {
		out["Connection"], out["Upgrade"] = []string{"Upgrade"}, []string{x.upgrade}
	}
	if x.copies != nil {
		out["Connection"] = []string{"close"} // a target may serve one connection after the other
	}
	if len(x.r.Trailer) > 0 {
		names := make([]string, 0, len(x.r.Trailer))
		for name := range x.r.Trailer {
			names = append(names, name)
		}
		out["Trailer"] = []string{strings.Join(names, ", ")}
	}
	b := new(bytes.Buffer)
	target := x.to.target
	if proxied { // RFC 9112 3.2.2
		target = x.to.scheme + "://" + x.to.authority + strings.TrimPrefix(target, "*")
	}
	fmt.Fprintf(b, "%s %s HTTP/1.1\r\nHost: %s\r\n", x.r.Method, target, x.to.authority)
	// A bytes.Buffer takes all that is written.
	_ = out.Write(b)
	switch _, given := x.r.Header["Content-Length"]; {
	case x.length < 0:
		b.WriteString("Transfer-Encoding: chunked\r\n")
	case x.length > 0 || given:
		fmt.Fprintf(b, "Content-Length: %d\r\n", x.length)
	}
	b.WriteString("\r\n")
	return b
}

// expected reports whether the sender said that it would wait for a 100 before it sends its body.
func (x *exchange) expected() bool {
	return x.in.ProtoAtLeast(1, 1) && x.in.ContentLength != 0 && strings.EqualFold(x.in.Header.Get("Expect"), "100-continue")
}

// expects reports whether it still does: it was not asked, and has sent nothing.
func (x *exchange) expects() bool {
	switch {
	case !x.expected() || x.asked:
		return false
	case x.unprompted:
		return x.body.passed.Load() == 0
	default:
		return !x.body.started // reading would ask for it
	}
}
