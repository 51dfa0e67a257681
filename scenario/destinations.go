package scenario

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/faultline/faultline/schema"
)

// Destinations is a set of targets, by name or by address: proxy.allow and proxy.deny. The zero value has none.
type Destinations struct {
	Hosts     []string       // globs, lower case; with :port they compare the port, too
	Addresses []netip.Prefix // no IPv4-mapped ones
}

// Empty reports whether nothing is in the set.
func (d Destinations) Empty() bool { return len(d.Hosts)+len(d.Addresses) == 0 }

// HasHost reports whether a host is in the set by its name. Names are case-blind, and a dot at the end, which DNS takes for none, is none.
func (d Destinations) HasHost(host string, port int) bool {
	at := &Subject{Host: strings.ToLower(host), Port: port}
	return slices.ContainsFunc(d.Hosts, func(glob string) bool { return matchHost(glob, at) })
}

// HasAddress reports whether an address is in the set.
func (d Destinations) HasAddress(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(d.Addresses, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// NamesPort reports whether the scenario names a host together with this port: in [delivery], in a rule, in tls.intercept or in proxy.allow.
func (s *Scenario) NamesPort(host string, port int) bool {
	at := &Subject{Host: strings.ToLower(host), Port: port}
	named := func(globs []string) bool {
		return slices.ContainsFunc(globs, func(glob string) bool { return globHasPort(glob) && matchHost(glob, at) })
	}
	for i := range s.Rules {
		if named(s.Rules[i].Match.Host) {
			return true
		}
	}
	return named(s.Delivery.Match.Host) || named(s.TLS.Intercept) || named(s.Proxy.Allow.Hosts)
}

const wantDestination = `a glob of hosts such as "*.partner.test", an address, or a CIDR such as "10.0.0.0/8"`

func destinationsField(to *Destinations, key, doc string) schema.Field {
	return schema.Func(key, "value or list", wantDestination, doc, func(v schema.Value) { each(v, to.read) }).Checked(notEmpty)
}

// read takes in one element: what can be an address is one, and is never compared as text, as it can be spelled in many ways.
func (d *Destinations) read(v schema.Value) error {
	s, err := text(v, wantDestination)
	if err != nil {
		return err
	}
	if prefix, err := parsePrefix(unbracketed(s)); err == nil {
		d.Addresses = append(d.Addresses, prefix)
		return nil
	}
	if spelledAsAddress(s) {
		return &wrong{"not a host", wantDestination, "addresses are compared as numbers, on all ports: 10.0.0.0/8, not 10.* or 10.0.0.1:80"}
	}
	glob, err := readHost(v)
	if err != nil {
		return &wrong{"not a host", wantDestination, hintOf(err)}
	}
	d.Hosts = append(d.Hosts, glob)
	return nil
}

func unbracketed(host string) string {
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return host[1 : len(host)-1]
	}
	return host
}

// spelledAsAddress reports whether a glob has nothing but what addresses are written with.
func spelledAsAddress(glob string) bool {
	if strings.Contains(glob, "[") {
		return true
	}
	return strings.ContainsAny(glob, "0123456789") && strings.Trim(glob, "0123456789.:*/") == ""
}
