package ca

import (
	"container/list"
	"crypto/tls"
	"fmt"
	"sync"
	"time"
)

// maxLeaves is how many leaves are remembered, some 3 KiB each.
const maxLeaves = 1000

// Leaf is the certificate of a host, with the CA behind it: for a DNS name or an IP address as it stands in a SNI or in CONNECT, without port.
// It is valid for at most 7 days and never longer than the CA; made once however many ask, then kept, until less than a day remains or 1,000
// others were asked for more recently. The result is shared: not to be changed.
//
// An error is a host that no certificate can name, or a CA that has ended while the process ran.
func (a *Authority) Leaf(host string) (*tls.Certificate, error) {
	name, err := canonical(host)
	if err != nil {
		return nil, err
	}
	now, until := a.now(), a.ValidUntil()
	if now.After(until) {
		return nil, fmt.Errorf("make certificate of %q: the CA has ended at %s; a new start makes a new one", name, until.Format(time.RFC3339))
	}
	made := a.leaves.get(name, now, leafEnds(now, a.pair.cert), func(ends time.Time) (*tls.Certificate, error) {
		cert, err := newLeaf(name, now, ends, a.pair, a.leafKey)
		if err != nil {
			return nil, fmt.Errorf("make certificate of %q: %w", name, err)
		}
		return &tls.Certificate{Certificate: [][]byte{cert.Raw, a.pair.cert.Raw}, PrivateKey: a.leafKey, Leaf: cert}, nil
	})
	return made()
}

// leaves are the certificates that were made. Safe for concurrent use.
type leaves struct {
	mu     sync.Mutex
	most   int
	byName map[string]*list.Element
	used   *list.List // of *leaf, the longest unused last
}

type leaf struct {
	name string
	ends time.Time
	made func() (*tls.Certificate, error) // makes it when first called
}

func newLeaves(most int) *leaves {
	return &leaves{most: most, byName: make(map[string]*list.Element), used: list.New()}
}

// get is what makes the leaf of a name, or has made it. A leaf is made outside the lock, so that one name does not wait for another's signature.
func (l *leaves) get(name string, now, ends time.Time, create func(ends time.Time) (*tls.Certificate, error)) func() (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.byName[name]; ok {
		kept := at.Value.(*leaf)
		// One that ends with its CA would not become longer by another.
		if now.Before(kept.ends.Add(-renewal)) || !ends.After(kept.ends) {
			l.used.MoveToFront(at)
			return kept.made
		}
		l.drop(at)
	}
	if l.used.Len() >= l.most {
		l.drop(l.used.Back())
	}
	fresh := &leaf{name: name, ends: ends, made: sync.OnceValues(func() (*tls.Certificate, error) { return create(ends) })}
	l.byName[name] = l.used.PushFront(fresh)
	return fresh.made
}

func (l *leaves) drop(at *list.Element) {
	delete(l.byName, at.Value.(*leaf).name)
	l.used.Remove(at)
}
