package ca

import (
	"fmt"
	"net/netip"
	"strings"
)

// The bounds of a name in the DNS, RFC 1035.
const (
	maxName  = 253
	maxLabel = 63
)

// canonical is the one spelling of a host under which its leaf is kept. What it lets through, crypto/x509 accepts in a certificate and compares
// with what a client asked for: names in small letters, A-labels for others than ASCII, underscores (which service names have), addresses.
func canonical(host string) (string, error) {
	if ip, ok := address(host); ok {
		if ip.Zone() != "" {
			return "", fmt.Errorf("host %q has a zone, which no certificate can name", host)
		}
		return ip.Unmap().String(), nil
	}
	name := strings.TrimSuffix(host, ".") // CONNECT may have the root's dot, a SNI may not
	if name == "" {
		return "", fmt.Errorf("host %q is empty: no certificate can name it", host)
	}
	if len(name) > maxName {
		return "", fmt.Errorf("host %q… has %d characters, a name has at most %d", name[:maxLabel], len(name), maxName)
	}
	for label := range strings.SplitSeq(name, ".") {
		if problem := wrong(label); problem != "" {
			return "", fmt.Errorf("host %q %s: no certificate can name it", host, problem)
		}
	}
	return strings.ToLower(name), nil
}

// address is the address that a host is, IPv6 with or without its brackets.
func address(host string) (netip.Addr, bool) {
	bare, opened := strings.CutPrefix(host, "[")
	bare, closed := strings.CutSuffix(bare, "]")
	ip, err := netip.ParseAddr(bare)
	bracketed := opened && closed && ip.Is6()
	return ip, err == nil && (bracketed || !opened && !closed)
}

// wrong says why a string is no label of a name; "" when it is one.
func wrong(label string) string {
	switch {
	case label == "":
		return "has an empty label"
	case len(label) > maxLabel:
		return fmt.Sprintf("has a label of %d characters", len(label))
	case label[0] == '-':
		return "has a label that begins with a hyphen"
	}
	for _, c := range label {
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return fmt.Sprintf("has the character %q", c)
		}
	}
	return ""
}
