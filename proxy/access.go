package proxy

import (
	"net/http"
	"net/netip"
	"slices"

	"github.com/faultline/faultline/scenario"
)

// Access says who may use the proxy. The zero value is this machine alone, which always may: by Users it needs a password, too.
type Access struct {
	Clients []netip.Prefix // nobody else; none: anybody with a password, if there are Users
	Users   *Users         // nil: nobody needs a password
	Open    bool           // anybody
}

// refusesClient and refusesStranger turn away who may not use the proxy.
var (
	refusesClient   = refusal{http.StatusForbidden, "client", "this address may not use the proxy"}
	refusesStranger = refusal{http.StatusProxyAuthRequired, "password", "the proxy asks for a user and a password"}
)

// admits judges a request by where it comes from and by its Proxy-Authorization; nil admits it. What comes through an opened CONNECT was admitted with
// it. A gateway's sender takes it for the target, a receiver's is right to, and neither can be asked for a password: there Users admit nobody.
func (a Access) admits(r *http.Request, placement scenario.Placement) *refusal {
	if placement == scenario.Intercept {
		return nil
	}
	asks := a.Users != nil && placement != scenario.Gateway && placement != scenario.Receiver
	if !a.admitsClient(clientOf(r).WithZone(""), asks) {
		return &refusesClient
	}
	if asks && !a.Users.knows(r.Context(), r.Header.Get("Proxy-Authorization")) {
		return &refusesStranger
	}
	return nil
}

func (a Access) admitsClient(client netip.Addr, asks bool) bool {
	if a.Open || client.IsLoopback() {
		return true
	}
	if len(a.Clients) == 0 {
		return asks
	}
	return slices.ContainsFunc(a.Clients, func(p netip.Prefix) bool { return p.Contains(client) })
}
