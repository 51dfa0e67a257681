package ca

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The files of the folder. While one is written it has the suffix staged.
const (
	CertificateFile = "ca.pem" // of the CA: what those read who trust it, and do not sign
	keyFile         = "ca.key"
	bundleFile      = "bundle.pem"
	lockFile        = "ca.lock"
	staged          = ".new"
)

// The blocks that those files are made of.
const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY" // PKCS #8
)

// maxFile bounds what is read of any file; the roots of a system are a quarter of a megabyte.
const maxFile = 16 << 20

// load reads the pair. fs.ErrNotExist is a folder with neither of the two.
func load(dir string) (pair, error) {
	cert, certErr := readCertificate(filepath.Join(dir, CertificateFile))
	key, keyErr := readKey(filepath.Join(dir, keyFile))
	if fits(cert, key) {
		return pair{cert, key}, nil
	}
	if cert != nil && (keyErr == nil || errors.Is(keyErr, fs.ErrNotExist)) {
		if key = interrupted(dir, cert); key != nil {
			return pair{cert, key}, nil
		}
	}
	noCert, noKey := errors.Is(certErr, fs.ErrNotExist), errors.Is(keyErr, fs.ErrNotExist)
	switch {
	case noCert && noKey:
		return pair{}, fs.ErrNotExist
	case certErr != nil && !noCert:
		return pair{}, certErr
	case keyErr != nil && !noKey:
		return pair{}, keyErr
	case noCert || noKey:
		return pair{}, fmt.Errorf("of %q and %q one is there without the other: remove it, and a new CA is made", filepath.Join(dir, CertificateFile), filepath.Join(dir, keyFile))
	}
	return pair{}, fmt.Errorf("%q is not the key of %q: remove both, and a new CA is made", filepath.Join(dir, keyFile), filepath.Join(dir, CertificateFile))
}

// interrupted ends what a process that died between the two renames of makePair had begun; nil when that is not what happened.
func interrupted(dir string, cert *x509.Certificate) crypto.Signer {
	name := filepath.Join(dir, keyFile)
	key, err := readKey(name + staged)
	if err != nil || !fits(cert, key) || settle(name) != nil {
		return nil
	}
	return key
}

func fits(cert *x509.Certificate, key crypto.Signer) bool {
	if cert == nil || key == nil {
		return false
	}
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(cert.PublicKey)
}

// makePair makes a CA and puts both files in place. The key waits beside its place until the certificate is there: a death at any point leaves the
// old pair, the new one, or what load can complete.
func makePair(dir string, now time.Time) (pair, error) {
	p, err := newAuthority(now)
	if err != nil {
		return pair{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return pair{}, fmt.Errorf("write key of the CA: %w", err)
	}
	name := filepath.Join(dir, keyFile)
	if err := stage(name, encode(keyBlock, der), 0o600); err != nil {
		return pair{}, err
	}
	if err := replace(filepath.Join(dir, CertificateFile), encode(certificateBlock, p.cert.Raw)); err != nil {
		return pair{}, err
	}
	return p, settle(name)
}

func encode(block string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: block, Bytes: der})
}

// replace writes a file that everybody may read, in the place of what was there, at once for its readers.
func replace(name string, data []byte) error {
	if err := stage(name, data, 0o644); err != nil {
		return err
	}
	return settle(name)
}

// settle puts a staged file in its place.
func settle(name string) error {
	if err := os.Rename(name+staged, name); err != nil {
		return fmt.Errorf("put file of the CA in place: %w", err)
	}
	return nil
}

// stage writes a file beside the place of name. O_EXCL: what lies there already was not made by us, with its mode, now.
func stage(name string, data []byte, mode fs.FileMode) error {
	name += staged
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear the way for a new file of the CA: %w", err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("make file of the CA: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write file of the CA: %w", err)
	}
	return nil
}

// lock makes the folder and waits until no other process works in it. The kernel frees the lock of a process that dies.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of the CA: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("look at folder of the CA: %w", err)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return nil, fmt.Errorf("folder %q of the CA has mode %04o: anybody could put a key of theirs there; chmod 0700 mends it", dir, info.Mode().Perm())
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock folder of the CA: %w", err)
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock folder %q of the CA: %w", dir, err), f.Close())
	}
	// Nothing was written to it, and closing it is what unlocks.
	return func() { _ = f.Close() }, nil
}
