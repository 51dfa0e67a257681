package proxy

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// Users are those who may use a proxy by password. Safe for concurrent use.
type Users struct {
	hashes map[string][]byte
	decoy  []byte        // what the password of an unknown user is checked against, so that time does not tell which users there are
	checks chan struct{} // bounds how many checks run at once: they cost 50 ms of a core each

	mu    sync.Mutex
	known map[[sha256.Size]byte]bool // credentials that were right, as their SHA-256
}

const (
	maxUsersFile = 1 << 20
	maxKnown     = 10_000
	maxCost      = 17 // what htpasswd writes at most; each step doubles the cost of a check
)

// bcryptHash is a hash as htpasswd -B and bcrypt libraries write it.
var bcryptHash = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)

// ReadUsers reads an htpasswd file of bcrypt hashes (htpasswd -B): NAME:HASH lines, empty lines, and comments that begin with #. name is shown in
// errors, with the line; a hash never is. A file without a user is an error.
func ReadUsers(name string, r io.Reader) (*Users, error) {
	u := &Users{
		hashes: make(map[string][]byte),
		checks: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		known:  make(map[[sha256.Size]byte]bool),
	}
	bounded := &io.LimitedReader{R: r, N: maxUsersFile + 1}
	lines := bufio.NewScanner(bounded)
	for number := 1; lines.Scan(); number++ {
		if err := u.read(strings.TrimSpace(lines.Text())); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, number, err)
		}
	}
	switch err := lines.Err(); {
	case bounded.N == 0:
		return nil, fmt.Errorf("%s: larger than %d bytes", name, maxUsersFile)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(u.hashes) == 0:
		return nil, fmt.Errorf("%s: no user in it, want NAME:HASH lines as htpasswd -B writes them", name)
	}
	return u, nil
}

// read takes in one line.
func (u *Users) read(line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	user, hash, found := strings.Cut(line, ":")
	if !found || user == "" {
		return errors.New("want NAME:HASH as htpasswd -B writes it")
	}
	if !bcryptHash.MatchString(hash) {
		return fmt.Errorf("user %q: not a bcrypt hash, want one of $2y$, $2a$, $2b$ (htpasswd -B)", user)
	}
	cost, err := bcrypt.Cost([]byte(hash))
	if err != nil || cost > maxCost {
		return fmt.Errorf("user %q: the cost of the hash is not from %d to %d", user, bcrypt.MinCost, maxCost)
	}
	if u.hashes[user] != nil {
		return fmt.Errorf("user %q is there twice", user)
	}
	u.hashes[user] = []byte(hash)
	u.decoy = []byte(hash)
	return nil
}

// knows reports whether the value of a Proxy-Authorization field (RFC 7617) is that of a user. It is false, too, when ctx ends before the check.
func (u *Users) knows(ctx context.Context, authorization string) bool {
	user, password, ok := (&http.Request{Header: http.Header{"Authorization": {authorization}}}).BasicAuth()
	if !ok {
		return false
	}
	credentials := sha256.Sum256([]byte(user + ":" + password)) // a name has no colon
	if u.remembers(credentials) {
		return true
	}
	select {
	case u.checks <- struct{}{}:
		defer func() { <-u.checks }()
	case <-ctx.Done():
		return false
	}
	if u.remembers(credentials) { // checked by another request while this one waited
		return true
	}
	hash, exists := u.hashes[user]
	if !exists {
		hash = u.decoy
	}
	right := bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil && exists
	if right {
		u.remember(credentials)
	}
	return right
}

func (u *Users) remembers(credentials [sha256.Size]byte) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.known[credentials]
}

// remember keeps right credentials. There are not many more than users: a full memory is emptied, and fills again.
func (u *Users) remember(credentials [sha256.Size]byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.known) >= maxKnown {
		clear(u.known)
	}
	u.known[credentials] = true
}
