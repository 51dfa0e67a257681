package main

import (
	"net"
	"os"
	"strings"
	"unicode"

	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

// accessOf is who may use the proxy, with the file that [proxy] auth_file names.
func accessOf(p scenario.Proxy) (proxy.Access, error) {
	access := proxy.Access{Clients: p.Clients, Open: p.Open}
	if p.AuthFile == "" {
		return access, nil
	}
	file, err := os.Open(p.AuthFile)
	if err != nil {
		return access, usage("proxy.auth_file: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	if access.Users, err = proxy.ReadUsers(p.AuthFile, file); err != nil {
		return access, usage("proxy.auth_file: %w", err)
	}
	return access, nil
}

// guardAddresses refuses listeners that others can reach, unless it was said who may use them.
func (s *settings) guardAddresses(p scenario.Proxy, flags proxyFlags) error {
	if p.AuthFile != "" && len(flags.command) > 0 {
		return usage("proxy.auth_file: %s would be started without a user and a password; leave auth_file out, or start it by itself with\n"+
			"  HTTP_PROXY=http://USER:PASSWORD@%s", flags.command[0], s.listen)
	}
	if err := guardListen("listen", s.listen, bySource(p) || p.AuthFile != ""); err != nil {
		return err
	}
	if err := guardGateways(s.gateways, p); err != nil {
		return err
	}
	return guardListen("admin", s.admin, s.token != "")
}

// bySource reports whether it was said who may use the proxy, by where they are.
func bySource(p scenario.Proxy) bool { return p.Open || len(p.Clients) > 0 }

func guardGateways(gateways []scenario.GatewayListener, p scenario.Proxy) error {
	for _, g := range gateways {
		if err := guardListen("gateway", g.Listen, bySource(p)); err != nil {
			return err
		}
	}
	return nil
}

// guardListen refuses an address that others can reach, unless something protects it.
func guardListen(flag, address string, protected bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return usage("--%s %q: want HOST:PORT", flag, address)
	}
	ip := net.ParseIP(host)
	if protected || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	const byClients, byPassword, byNobody = `
  [proxy]
  clients = ["10.0.0.0/8"]        # who calls from there`, `
  auth_file = "proxy.htpasswd"    # who has a password in it: htpasswd -cB proxy.htpasswd NAME`, `
  open = true                     # anybody`
	switch flag {
	case "admin":
		return usage("--admin %s: anybody who reaches that address could change the scenario; listen on 127.0.0.1, or give --admin-token-file FILE", address)
	case "gateway":
		return usage("--gateway %s: anybody who reaches that address could use the gateway; listen on 127.0.0.1, or say in the scenario file who may, by one of"+
			byClients+byNobody, address)
	default:
		return usage("--listen %s: anybody who reaches that address could use the proxy; listen on 127.0.0.1, or say in the scenario file who may, by one of"+
			byClients+byPassword+byNobody, address)
	}
}

// readToken reads the file of the token that changes by the admin API must bring; "" is none.
func readToken(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", usage("--admin-token-file: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if token == "" || strings.ContainsFunc(token, unicode.IsSpace) {
		return "", usage("--admin-token-file %s: want one token, without spaces", file)
	}
	return token, nil
}
