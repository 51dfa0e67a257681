package proxy

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/faultline/faultline/scenario"
)

// destination is where an attempt is addressed to.
type destination struct {
	scheme    string
	host      string // lower case, no brackets
	port      int
	authority string // as the sender wrote it: the Host that the target gets
	target    string // path and query as sent, or "*"
}

func (d destination) addr() string { return net.JoinHostPort(d.host, strconv.Itoa(d.port)) }

// name is the host as the log and the metrics call it: with the port, unless it is the scheme's own.
func (d destination) name() string {
	if d.port == defaultPort(d.scheme) {
		if strings.Contains(d.host, ":") {
			return "[" + d.host + "]"
		}
		return d.host
	}
	return d.addr()
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

// destinationOf reads the absolute form of a request (RFC 9112 3.2.2), path and query byte for byte.
func destinationOf(r *http.Request) (destination, *refusal) {
	if !r.URL.IsAbs() {
		return destination{}, &refusal{http.StatusBadRequest, "origin_form",
			"this is a proxy: send the absolute form (set HTTP_PROXY to this address), not a path"}
	}
	d := destination{scheme: strings.ToLower(r.URL.Scheme), host: strings.ToLower(r.URL.Hostname()), authority: r.URL.Host}
	if d.scheme != "http" && d.scheme != "https" {
		return d, &refusal{http.StatusBadRequest, "scheme", "only http and https targets are served"}
	}
	if d.host == "" {
		return d, &refusal{http.StatusBadRequest, "no_host", "the target's host is missing"}
	}
	d.port = defaultPort(d.scheme)
	if text := r.URL.Port(); text != "" {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil || port == 0 {
			return d, &refusal{http.StatusBadRequest, "port", "the target's port is no port"}
		}
		d.port = int(port)
	}
	d.target = originForm(r.RequestURI, r.Method)
	return d, nil
}

// originForm is what follows the authority of an absolute form; RFC 9112 3.2.4: OPTIONS without a path asks for "*".
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
func subjectOf(r *http.Request, to destination, placement scenario.Placement) scenario.Subject {
	return scenario.Subject{
		Moment:    scenario.Request,
		Placement: placement,
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
