package proxy

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
)

// errParent is a proxy on the way that did not open a tunnel to the target.
var errParent = errors.New("proxy on the way to the target")

// maxParentHead bounds the head of its answer to a CONNECT.
const maxParentHead = 64 << 10

// dialParent connects to the proxy on the way to a target (target.proxy), if that target may be reached. It is the parent that resolves the target's name:
// what this machine makes of it is judged as well, as far as it can be resolved here.
func (s *Server) dialParent(ctx context.Context, addr string) (*net.TCPConn, error) {
	named, err := s.guardName(addr)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("target %q: %w", addr, err)
	}
	for _, ip := range resolved(ctx, host) {
		if err := s.guardAddress(net.JoinHostPort(ip.String(), port), named); err != nil {
			return nil, err
		}
	}
	dialer := s.dialer
	dialer.Control = func(_, address string, _ syscall.RawConn) error { return s.guardParent(address) }
	conn, err := dialer.DialContext(ctx, "tcp", s.cfg.Parent)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errParent, err)
	}
	return conn.(*net.TCPConn), nil
}

// resolved are the addresses that a host has here, or may have for the parent; none when it cannot be resolved.
func resolved(ctx context.Context, host string) []netip.Addr {
	host = strings.TrimSuffix(host, ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}
	}
	if ip, ok := oldIPv4(host); ok {
		return []netip.Addr{ip}
	}
	if loopback(host) { // RFC 6761 6.3, whatever a resolver says
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil // the parent may know it
	}
	return addrs
}

// oldIPv4 reads what C's inet_aton takes for an IPv4 address, and Go does not: one to four numbers, octal after 0, hexadecimal after 0x, the last of which
// fills what is left. The parent may be a program that takes it, too.
func oldIPv4(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var ip uint32
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		goOnly := strings.Contains(part, "_") || len(part) > 1 && strings.ContainsRune("bBoO", rune(part[1]))
		n, err := strconv.ParseUint(part, 0, bits)
		if err != nil || goOnly {
			return netip.Addr{}, false
		}
		ip = ip<<bits | uint32(n)
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, ip))), true
}

// guardParent refuses to take one of our own listeners for the proxy on the way.
func (s *Server) guardParent(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	return s.guardListeners(reached(at.Addr()), at.Port())
}

// tunnelThrough has the parent open a tunnel to a target. The connection is closed when there is none.
func (s *Server) tunnelThrough(ctx context.Context, conn *net.TCPConn, addr string) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends the wait below
	defer stop()
	err := s.askForTunnel(conn, addr)
	if err != nil {
		_ = conn.Close() // it leads nowhere
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("%w: %w", errParent, err)
	}
	return nil
}

func (s *Server) askForTunnel(conn *net.TCPConn, addr string) error {
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nVia: %s\r\n\r\n", addr, addr, s.via(1, 1)); err != nil {
		return fmt.Errorf("ask for a tunnel: %w", err)
	}
	head, err := readHead(conn)
	if err != nil {
		return fmt.Errorf("answer to CONNECT: %w", err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(head)), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("answer to CONNECT: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("CONNECT was answered %d", resp.StatusCode)
	}
	return nil
}

// readHead reads a head and not a byte more: what follows is the target's.
func readHead(conn *net.TCPConn) (string, error) {
	var head strings.Builder
	var b [1]byte
	for head.Len() < maxParentHead {
		if _, err := conn.Read(b[:]); err != nil {
			return "", err
		}
		head.WriteByte(b[0])
		if b[0] == '\n' && (strings.HasSuffix(head.String(), "\r\n\r\n") || strings.HasSuffix(head.String(), "\n\n")) {
			return head.String(), nil
		}
	}
	return "", fmt.Errorf("head over %d bytes", maxParentHead)
}
