package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
)

var (
	errLoop    = errors.New("target is this proxy itself")
	errGuarded = errors.New("target may not be reached")
)

// reach connects to a target at host:port, through the proxy on the way where there is one. tunnelled: a tunnel to it is wanted there, as for all but plain
// requests.
func (s *Server) reach(ctx context.Context, addr string, tunnelled bool) (*net.TCPConn, error) {
	if s.cfg.Parent == "" {
		return s.dialGuarded(ctx, addr)
	}
	conn, err := s.dialParent(ctx, addr)
	if err != nil || !tunnelled {
		return conn, err
	}
	return conn, s.tunnelThrough(ctx, conn, addr)
}

// dialGuarded connects to host:port, if a target may be there. Names are judged as names, and whatever they resolve to, however a host was spelled, as
// the address that is about to be connected to.
func (s *Server) dialGuarded(ctx context.Context, addr string) (*net.TCPConn, error) {
	named, err := s.guardName(addr)
	if err != nil {
		return nil, err
	}
	dialer := s.dialer
	dialer.Control = func(_, address string, _ syscall.RawConn) error { return s.guardAddress(address, named) }
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

// guardName judges a target by its name: named says that allow has it. A name that cannot be allowed any more is not resolved: the lookup would tell the
// outside of it.
func (s *Server) guardName(addr string) (named bool, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return false, fmt.Errorf("target %q: %w", addr, err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return false, fmt.Errorf("target %q: %w", addr, err)
	}
	if s.cfg.Deny.HasHost(host, port) {
		return false, fmt.Errorf("%w: its name is in proxy.deny", errGuarded)
	}
	if s.cfg.Allow.HasHost(host, port) || s.cfg.Allow.Empty() {
		return true, nil
	}
	if len(s.cfg.Allow.Addresses) == 0 {
		return false, fmt.Errorf("%w: its name is not in proxy.allow", errGuarded)
	}
	return false, nil
}

// guardAddress judges a target by its resolved address: never one of our own listeners; link-local and metadata addresses only when allow has
// them; deny goes before allow.
func (s *Server) guardAddress(address string, named bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("target address %q: %w", address, err)
	}
	addrs := reached(at.Addr())
	if err := s.guardListeners(addrs, at.Port()); err != nil {
		return err
	}
	if slices.ContainsFunc(addrs, s.cfg.Deny.HasAddress) {
		return fmt.Errorf("%w: its address is in proxy.deny", errGuarded)
	}
	for _, addr := range addrs {
		if sensitive(addr) && !s.allowsExplicitly(addr) {
			return fmt.Errorf("%w: its address is link-local or serves metadata, and proxy.allow does not name it", errGuarded)
		}
	}
	if !named && !slices.ContainsFunc(addrs, s.cfg.Allow.HasAddress) {
		return fmt.Errorf("%w: neither name nor address are in proxy.allow", errGuarded)
	}
	return nil
}

func (s *Server) guardListeners(addrs []netip.Addr, port uint16) error {
	for _, addr := range addrs {
		if listens(s.own(), addr, port) {
			return errLoop
		}
		for _, guarded := range s.cfg.Guarded {
			if listens(guarded, addr, port) {
				return fmt.Errorf("%w: admin listener", errGuarded)
			}
		}
	}
	return nil
}

// nat64 are the IPv6 addresses that a gateway on the way translates to the IPv4 address in their last four bytes (RFC 6052 2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// reached is what connecting to an address reaches: IPv4 written as IPv6 is IPv4, the unspecified address is this machine.
func reached(addr netip.Addr) []netip.Addr {
	addr = addr.Unmap().WithZone("")
	switch {
	case addr == netip.IPv4Unspecified():
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	case addr == netip.IPv6Unspecified():
		return []netip.Addr{netip.IPv6Loopback()}
	case nat64.Contains(addr):
		b := addr.As16()
		return []netip.Addr{addr, netip.AddrFrom4([4]byte(b[12:]))}
	default:
		return []netip.Addr{addr}
	}
}

// metadata are the addresses besides link-local ones at which clouds serve what must not leak: Alibaba, Amazon, Azure, Google, Oracle.
var metadata = []netip.Addr{
	netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("168.63.129.16"),
	netip.MustParseAddr("fd20:ce::254"), netip.MustParseAddr("192.0.0.192"),
}

// sensitive reports whether a target is reached at this address only when proxy.allow names it.
func sensitive(addr netip.Addr) bool {
	return addr.IsLinkLocalUnicast() || addr.IsLinkLocalMulticast() || slices.Contains(metadata, addr)
}

// allowsExplicitly reports whether proxy.allow has the address by a CIDR of sensitive addresses: one that has it among many others was not meant.
func (s *Server) allowsExplicitly(addr netip.Addr) bool {
	return slices.ContainsFunc(s.cfg.Allow.Addresses, func(p netip.Prefix) bool { return p.Contains(addr) && sensitive(p.Addr()) })
}

// listens reports whether connecting to an address reaches the listener at listener.
func listens(listener string, addr netip.Addr, port uint16) bool {
	at, err := netip.ParseAddrPort(listener)
	if err != nil || at.Port() != port {
		return false
	}
	own := at.Addr().Unmap().WithZone("")
	if own.IsUnspecified() {
		return addr.IsLoopback() || isLocal(addr)
	}
	return own == addr
}

func isLocal(addr netip.Addr) bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return true // not known: better a refusal than a loop
	}
	return slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		if !ok {
			return false
		}
		own, ok := netip.AddrFromSlice(n.IP)
		return ok && own.Unmap() == addr
	})
}
