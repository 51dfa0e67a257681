package console

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guard turns away what a web page elsewhere makes a browser ask for, and sets what keeps our own pages to themselves.
func guard(token string, next http.Handler) http.Handler {
	policy := pagePolicy()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if onLoopback(r.Context()) && !isLoopback(hostOf(r.Host)) {
			// A name of the attacker's own that resolves to 127.0.0.1 (DNS rebinding).
			problem{
				Status: http.StatusMisdirectedRequest,
				Detail: fmt.Sprintf("host %q, want localhost or a loopback address: this listener is on loopback", r.Host),
			}.write(w)
			return
		}
		if origin, foreign := foreignOrigin(r); foreign {
			problem{Status: http.StatusForbidden, Detail: fmt.Sprintf("origin %q, want none or this listener's own", origin)}.write(w)
			return
		}
		if !safe(r.Method) && !brings(r, token) {
			h.Set("WWW-Authenticate", `Bearer realm="faultline"`)
			problem{Status: http.StatusUnauthorized, Detail: "want the token of --admin-token-file, as Authorization: Bearer TOKEN"}.write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// safe reports whether a method only looks (RFC 9110 9.2.1).
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// brings reports whether a request has the bearer token; "" is none that is asked for.
func brings(r *http.Request, token string) bool {
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return token == "" || strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare([]byte(strings.TrimSpace(given)), []byte(token)) == 1
}

// onLoopback reports whether the request came in by a listener that only this machine can reach.
func onLoopback(ctx context.Context) bool {
	address, ok := ctx.Value(listenerKey{}).(net.Addr)
	if !ok {
		panic("console: request without its listener's address: the server's BaseContext is not ours")
	}
	return isLoopback(hostOf(address.String()))
}

// hostOf is a host without its port and brackets. The port is not compared: it may be forwarded from another.
func hostOf(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(authority, "["), "]")
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// foreignOrigin reports whether a page of another origin (RFC 6454) asks. Programs send no Origin.
func foreignOrigin(r *http.Request) (origin string, foreign bool) {
	values, given := r.Header["Origin"]
	if !given {
		return "", false
	}
	origin = strings.Join(values, ", ")
	u, err := url.Parse(origin)
	same := err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.EqualFold(u.Host, r.Host)
	return origin, !same
}
