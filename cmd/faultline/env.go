package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/ca"
)

func envCommand(w world) *cobra.Command {
	var listen, dir string
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print the export lines that bring a client's traffic here, and make it trust the CA",
		Long: `env prints what a shell needs so that the clients it starts go through the proxy and trust its CA, which is made when there is none.
A worker that is started by "faultline proxy -- COMMAND" needs none of it.`,
		Example: "  eval \"$(faultline env)\"\n  faultline env --listen 127.0.0.1:4128 > faultline.env",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			address, err := clientAddress(listen)
			if err != nil {
				return err
			}
			authority, err := openCA(w, dir, caDirOption)
			if err != nil {
				return err
			}
			return printEnv(w, address, authority)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:3128", "address that the proxy listens on")
	caDirFlag(cmd, &dir)
	return cmd
}

// clientAddress is how a client on this machine reaches a proxy that listens on an address.
func clientAddress(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", usage("--listen %q: want HOST:PORT", listen)
	}
	if port == "0" || port == "" {
		return "", usage("--listen %q: port 0 is picked when the proxy starts; give the one that it printed", listen)
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "" || err == nil && ip.IsUnspecified() && ip.Is4():
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified():
		host = "::1"
	}
	address := net.JoinHostPort(host, port)
	if _, err := url.Parse("http://" + address); err != nil {
		return "", usage("--listen %q: clients could not take it for a proxy: %w", listen, err)
	}
	return address, nil
}

// printEnv writes the exports first and the comments last: a shell that makes one line of them, as eval $(faultline env) does, still has all exports.
func printEnv(w world, address string, a *ca.Authority) error {
	if a.Origin() != ca.Loaded {
		if _, err := fmt.Fprintf(w.stderr, "faultline: %s: %s\n", originText(a), a.Paths().CA); err != nil {
			return err
		}
	}
	var text strings.Builder
	for _, variable := range exports(w, address, a.Paths()) {
		name, value, _ := strings.Cut(variable, "=") // exports puts one into each
		fmt.Fprintf(&text, "export %s=%s\n", name, quoted(value))
	}
	for _, line := range remarks(w, address) {
		fmt.Fprintf(&text, "# %s\n", line)
	}
	_, err := fmt.Fprint(w.stdout, text.String())
	return err
}

// exports are NAME=value, for a proxy at address.
func exports(w world, address string, files ca.Paths) []string {
	var all []string
	for _, name := range proxyVariables {
		all = append(all, name+"=http://"+address)
	}
	kept, _ := splitNoProxy(noProxy(w.environ), nil) // what was taken out is said in remarks
	value := strings.Join(append(kept, linkLocal), ",")
	all = append(all, "NO_PROXY="+value, "no_proxy="+value)
	for _, name := range caVariables {
		all = append(all, name+"="+files.Bundle)
	}
	return append(all, extraCA+"="+files.CA)
}

// remarks are what variables cannot do.
func remarks(w world, address string) []string {
	host, port, _ := net.SplitHostPort(address) // clientAddress has joined them
	var all []string
	kept, hiding := splitNoProxy(noProxy(w.environ), nil)
	if len(hiding) > 0 {
		all = append(all, "NO_PROXY: "+strings.Join(hiding, ", ")+" taken out, as it would hide everything from faultline")
	}
	if len(kept) > 0 {
		all = append(all, "NO_PROXY still hides from faultline what it hid before")
	}
	return slices.Concat(all, []string{
		"Go never uses a proxy for localhost and 127.0.0.0/8.",
		"Node, from 24 on, uses the proxy with NODE_USE_ENV_PROXY=1.",
		"Java reads none of these:",
		"  " + fmt.Sprintf(javaImport, `"$`+extraCA+`"`),
		fmt.Sprintf("  java -Dhttp.proxyHost=%[1]s -Dhttp.proxyPort=%[2]s -Dhttps.proxyHost=%[1]s -Dhttps.proxyPort=%[2]s -Djavax.net.ssl.trustStore=faultline.jks …", host, port),
	})
}

// quoted is one word for a POSIX shell, whatever is in it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,@%+=", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
