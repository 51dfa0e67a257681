package proxy

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// hopByHop are the fields that concern one connection only (RFC 9110 7.6.1), and those that are a proxy's own.
var hopByHop = map[string]bool{
	"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Proxy-Authenticate": true, "Proxy-Authorization": true, "Te": true, "Trailer": true,
	"Transfer-Encoding": true, "Upgrade": true,
}

// framing is what is written from what will really follow. No field else says that, once the hop-by-hop ones are out.
var framing = map[string]bool{"Content-Length": true}

// unpassed are the hop-by-hop fields and the framing.
var unpassed = with(hopByHop, "Content-Length")

// with is a set with more in it, which is a copy.
func with(set map[string]bool, names ...string) map[string]bool {
	set = maps.Clone(set)
	for _, name := range names {
		set[name] = true
	}
	return set
}

// withNamed is a set with what the Connection of h names in it.
func withNamed(set map[string]bool, h http.Header) map[string]bool {
	for _, value := range h["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			if name = http.CanonicalHeaderKey(strings.TrimSpace(name)); h[name] != nil && !set[name] {
				set = with(set, name)
			}
		}
	}
	return set
}

// endToEnd is a copy of h without hop-by-hop fields and those that Connection names.
func endToEnd(h http.Header) http.Header {
	out := h.Clone()
	if out == nil {
		out = make(http.Header)
	}
	for name := range withNamed(hopByHop, h) {
		delete(out, name)
	}
	return out
}

// via is what this proxy adds to Via (RFC 9110 7.6.3) for a message of this version.
func (s *Server) via(major, minor int) string {
	if major == 1 && minor == 1 {
		return s.via11
	}
	return fmt.Sprintf("%d.%d %s", major, minor, s.cfg.Name)
}

// expected reports whether the sender said that it would wait for a 100 before it sends its body.
func (x *exchange) expected() bool { return x.conn.head.Waits }

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
