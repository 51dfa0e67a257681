package ca

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
)

// systemRoots are the places where systems keep the roots that they trust, the first that exists counts: those of crypto/x509 for Linux, of which
// /etc/ssl/cert.pem serves Alpine, macOS and the BSDs too. The environment has no say, it is what clients are given the bundle by.
var systemRoots = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch, Gentoo
	"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL 6
	"/etc/ssl/ca-bundle.pem",                            // openSUSE
	"/etc/pki/tls/cacert.pem",                           // OpenELEC
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL 7
	"/etc/ssl/cert.pem",                                 // Alpine
}

// writeBundle writes ours and the first of places that has roots, whose name it returns; "" for none.
func writeBundle(dir string, ours *x509.Certificate, places []string) (string, error) {
	bundle := encode(certificateBlock, ours.Raw)
	from := ""
	for _, place := range places {
		// A file that is not there, or that we may not read, is not where this system keeps its roots for us.
		if data, err := read(place, 0o777); err == nil && bytes.Contains(data, []byte("BEGIN "+certificateBlock)) {
			from, bundle = place, append(bundle, certificates(data)...)
			break
		}
	}
	return from, replace(filepath.Join(dir, bundleFile), bundle)
}

// certificates is the blocks of a file that are certificates, without comments and what else stands between them, which not every client can skip.
func certificates(data []byte) []byte {
	var all []byte
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == certificateBlock {
			all = append(all, encode(certificateBlock, block.Bytes)...)
		}
	}
	return all
}
