package ca

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
)

// readCertificate reads a file whose first block is the certificate of a CA.
func readCertificate(name string) (*x509.Certificate, error) {
	data, err := read(name, 0o777)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data) // what follows the first block is of no concern
	if block == nil || block.Type != certificateBlock {
		return nil, fmt.Errorf("read certificate of the CA: %q begins with no %s block", name, certificateBlock)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read certificate of the CA %q: %w", name, err)
	}
	if !cert.BasicConstraintsValid || !cert.IsCA || cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, fmt.Errorf("read certificate of the CA: %q may not sign others", name)
	}
	return cert, nil
}

// readKey reads a key that its owner alone can read.
func readKey(name string) (crypto.Signer, error) {
	data, err := read(name, 0o700)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != keyBlock {
		return nil, fmt.Errorf("read key of the CA: %q begins with no %s block", name, keyBlock)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read key of the CA %q: %w", name, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("read key of the CA: %q holds a %T, which cannot sign", name, key)
	}
	return signer, nil
}

// read reads a file that has no permission beyond those of allowed. The file that is looked at is the one that is read.
func read(name string, allowed os.FileMode) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read file of the CA: %w", err)
	}
	defer func() { _ = f.Close() }() // was only read
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at file of the CA: %w", err)
	}
	if mode := info.Mode().Perm(); mode&^allowed != 0 {
		return nil, fmt.Errorf("%q has mode %04o: others can reach the key of the CA, and could pose as any host to those who trust it; chmod 0600 mends it, or remove it and %s",
			name, mode, CertificateFile)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("read file of the CA: %w", err)
	}
	return data, nil
}
