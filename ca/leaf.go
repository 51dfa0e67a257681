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
	return a.obtainLeaf(host, "", func(name string, now, ends time.Time) (*tls.Certificate, error) {
		from := now.Add(-skew)
		if from.Before(a.pair.cert.NotBefore) {
			from = a.pair.cert.NotBefore
		}
		return issueLeaf(leafTemplate(name, from, ends), a.pair, a.leafKey, a.pair.cert)
	})
}

// obtainLeaf is the leaf of a host in one variety, kept or made anew.
func (a *Authority) obtainLeaf(
	host, variety string, create func(name string, now, ends time.Time) (*tls.Certificate, error),
) (*tls.Certificate, error) {
	name, err := canonical(host)
	if err != nil {
		return nil, err
	}
	now, until := a.now(), a.ValidUntil()
	if now.After(until) {
		return nil, fmt.Errorf("make certificate of %q: the CA has ended at %s; a new start makes a new one", name, until.Format(time.RFC3339))
	}
	made := a.leaves.get(leafID{name, variety}, now, leafEnds(now, a.pair.cert), func(ends time.Time) (*tls.Certificate, error) {
		cert, err := create(name, now, ends)
		if err != nil {
			return nil, fmt.Errorf("make certificate of %q: %w", name, err)
		}
		return cert, nil
	})
	return made()
}

// leaves are the certificates that were made. Safe for concurrent use.
type leaves struct {
	mu   sync.Mutex
	most int
	byID map[leafID]*list.Element
	used *list.List // of *leaf, the longest unused last
}

// leafID is what a leaf is kept under: its host, and in which variety.
type leafID struct{ name, variety string }

type leaf struct {
	id   leafID
	ends time.Time
	made func() (*tls.Certificate, error) // makes it when first called
}

func newLeaves(most int) *leaves {
	return &leaves{most: most, byID: make(map[leafID]*list.Element), used: list.New()}
}

// get is what makes a leaf, or has made it. A leaf is made outside the lock, so that one name does not wait for another's signature.
func (l *leaves) get(id leafID, now, ends time.Time, create func(ends time.Time) (*tls.Certificate, error)) func() (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.byID[id]; ok {
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
	fresh := &leaf{id: id, ends: ends, made: sync.OnceValues(func() (*tls.Certificate, error) { return create(ends) })}
	l.byID[id] = l.used.PushFront(fresh)
	return fresh.made
}

func (l *leaves) drop(at *list.Element) {
	delete(l.byID, at.Value.(*leaf).id)
	l.used.Remove(at)
}
