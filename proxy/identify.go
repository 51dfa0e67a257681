package proxy

import (
	"cmp"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/faultline/faultline/scenario"
)

// destination is where an attempt is addressed to.
type destination struct {
	scheme    string
	host      string // lower case, no brackets
	port      int
	addr      string        // host and port
	authority string        // as the sender wrote it: the Host that the target gets
	target    string        // path and query as sent, or "*"
	sni       string        // that a handshake asks for, and a certificate must be for; "": host
	exchanges []tls.CurveID // of keys, that a handshake offers; nil: those of Go
}

// serverName is what the target's certificate must be for (RFC 6066 3).
func (d destination) serverName() string { return cmp.Or(d.sni, d.host) }

// name is the host as the log and the metrics call it: with the port, unless it is the scheme's own.
func (d destination) name() string {
	if d.port == defaultPort(d.scheme) {
		if strings.Contains(d.host, ":") {
			return "[" + d.host + "]"
		}
		return d.host
	}
	return d.addr
}

func (d destination) url() string {
	return d.scheme + "://" + d.name() + strings.TrimPrefix(d.target, "*")
}

func (d destination) path() string {
	path, _, _ := strings.Cut(d.target, "?")
	return path
}

func (d destination) query() string {
	_, query, _ := strings.Cut(d.target, "?")
	return query
}

// destinationOf finds out where a request that came in here is addressed to.
func destinationOf(r *http.Request, came entrance) (destination, *refusal) {
	if came.scheme != "" {
		return came.destination(r)
	}
	if !r.URL.IsAbs() {
		return destination{}, &refusal{http.StatusBadRequest, "origin_form",
			"this is a proxy: send the absolute form (set HTTP_PROXY to this address), not a path"}
	}
	scheme := strings.ToLower(r.URL.Scheme)
	if scheme != "http" && scheme != "https" {
		return destination{}, &refusal{http.StatusBadRequest, "scheme", "only http and https targets are served"}
	}
	d, why := addressed(scheme, r.URL.Host)
	d.target = originForm(r.RequestURI, r.Method)
	return d, why
}

// destination is where a request in origin form is addressed to: the target that the connection stands for. An intercepted one keeps the Host that the
// sender wrote; a gateway's gets the target's.
func (e entrance) destination(r *http.Request) (destination, *refusal) {
	if r.Method == http.MethodConnect {
		return destination{}, &refusal{http.StatusBadRequest, "connect_here", "CONNECT is for the proxy's own address"}
	}
	if _, why := addressed(e.scheme, r.Host); r.Host != "" && why != nil {
		return destination{}, why
	}
	authority := e.authority
	if e.receiver != nil && r.Host != "" {
		authority = r.Host // it is the sender's target, by whatever name
	}
	d, why := addressed(e.scheme, authority)
	d.sni, d.exchanges = e.sni, e.exchanges
	if e.placement == scenario.Intercept && (r.Host != "" || r.ProtoAtLeast(1, 1)) {
		d.authority = r.Host
	}
	d.target = r.RequestURI
	if r.URL.IsAbs() {
		if r.URL.Host == "" {
			return d, &refusal{http.StatusBadRequest, "no_host", "the absolute form has no host"}
		}
		d.target = originForm(r.RequestURI, r.Method)
	}
	if d.target != "*" {
		d.target = e.base + d.target
	}
	return d, why
}

// hostBeside judges the Host beside an absolute form (RFC 9112 3.2, 3.2.2).
func (c *senderConn) hostBeside(r *http.Request) *refusal {
	host := c.head.Host
	if !r.URL.IsAbs() || host == "" || host == r.URL.Host { // which is judged as the target
		return nil
	}
	_, why := addressed(strings.ToLower(r.URL.Scheme), host)
	return why
}

// addressed is a destination by scheme and authority, without path.
func addressed(scheme, authority string) (destination, *refusal) {
	at := url.URL{Host: authority}
	d := destination{scheme: scheme, host: strings.ToLower(at.Hostname()), authority: authority, port: defaultPort(scheme)}
	if d.host == "" {
		return d, &refusal{http.StatusBadRequest, "no_host", "the target's host is missing"}
	}
	if !plainHost(d.host) || strings.ContainsAny(d.host, "[]") || strings.Contains(d.host, ":") != strings.HasPrefix(authority, "[") {
		return d, &refusal{http.StatusBadRequest, "host", "the target's host is no name and no address as they are sent (RFC 3986 3.2.2)"}
	}
	if text := at.Port(); text != "" {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil || port == 0 {
			return d, &refusal{http.StatusBadRequest, "port", "the target's port is no port"}
		}
		d.port = int(port)
		if strings.HasPrefix(authority, d.host) && text[0] != '0' { // as most write it: no brackets, small letters
			d.addr = authority
			return d, nil
		}
	}
	d.addr = net.JoinHostPort(d.host, strconv.Itoa(d.port))
	return d, nil
}

// plainHost reports whether a host is written in visible ASCII without escapes: other names travel in punycode, and a zone (RFC 6874) never does.
func plainHost(host string) bool {
	return host != "" && !strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("%@/?#\\", r) })
}

// originForm is what follows the authority of an absolute form (RFC 9112 3.2.2), path and query byte for byte; RFC 9112 3.2.4: OPTIONS without a path asks for "*".
func originForm(requestURI, method string) string {
	_, rest, _ := strings.Cut(requestURI, "://")
	at := strings.IndexAny(rest, "/?#")
	if at < 0 {
		if method == http.MethodOptions {
			return "*"
		}
		return "/"
	}
	rest, _, _ = strings.Cut(rest[at:], "#")
	if !strings.HasPrefix(rest, "/") {
		return "/" + rest
	}
	return rest
}

func defaultPort(scheme string) int {
	if scheme == "https" {
		return 443
	}
	return 80
}

// subjectOf is what the rules may look at before the body was.
func subjectOf(r *http.Request, to destination, conn *senderConn) scenario.Subject {
	return scenario.Subject{
		Moment:    scenario.Request,
		Placement: conn.came.placement,
		Tunnelled: conn.tunnelled,
		Client:    clientOf(r),
		Method:    r.Method,
		Scheme:    to.scheme,
		Host:      to.host,
		Port:      to.port,
		Path:      to.path(),
		RawQuery:  to.query(),
		Header:    r.Header,
		Size:      r.ContentLength,
	}
}

func clientOf(r *http.Request) netip.Addr {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // not an IP connection: no client rule holds
	}
	return addr.Addr().Unmap()
}
