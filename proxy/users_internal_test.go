package proxy

import (
	"context"
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

// hashOf is a bcrypt hash that is quick to check, with the prefix that a tool would write.
func hashOf(t testing.TB, prefix, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	require.NoError(t, err)
	return prefix + strings.TrimPrefix(string(hash), "$2a$")
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func readUsers(t testing.TB, text string) *Users {
	t.Helper()
	users, err := ReadUsers("users.htpasswd", strings.NewReader(text))
	require.NoError(t, err)
	return users
}

func TestUsersKnow(t *testing.T) {
	users := readUsers(t, "# workers\n\nann:"+hashOf(t, "$2y$", "one")+"\r\nbob:"+hashOf(t, "$2b$", "two:three")+"\n  eve:"+hashOf(t, "$2a$", "")+"\n")
	for _, test := range []struct {
		name, authorization string
		want                bool
	}{
		{"right", basic("ann", "one"), true},
		{"right again", basic("ann", "one"), true},
		{"a password with a colon", basic("bob", "two:three"), true},
		{"an empty password", basic("eve", ""), true},
		{"the scheme in capitals", "BASIC" + strings.TrimPrefix(basic("ann", "one"), "Basic"), true},
		{"wrong password", basic("ann", "two"), false},
		{"another's password", basic("bob", "one"), false},
		{"the password of the user that unknown ones are checked against", basic("eva", ""), false},
		{"name in capitals", basic("Ann", "one"), false},
		{"nothing", "", false},
		{"another scheme", "Bearer one", false},
		{"not base64", "Basic ann:one", false},
		{"no colon", "Basic " + base64.StdEncoding.EncodeToString([]byte("ann")), false},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, users.knows(t.Context(), test.authorization)) })
	}
}

// What was right once is not checked again: a check costs 50 ms. What was wrong is.
func TestUsersRemember(t *testing.T) {
	users := readUsers(t, "ann:"+hashOf(t, "$2y$", "one"))
	require.True(t, users.knows(t.Context(), basic("ann", "one")))
	require.False(t, users.knows(t.Context(), basic("ann", "two")))
	require.Len(t, users.known, 1)
	users.hashes["ann"] = []byte(hashOf(t, "$2y$", "two"))
	require.True(t, users.knows(t.Context(), basic("ann", "one")))

	for n := range maxKnown {
		users.remember([32]byte{1, byte(n), byte(n >> 8)})
	}
	require.LessOrEqual(t, len(users.known), maxKnown)
	require.NotEmpty(t, users.known)
}

// Senders that open at once with the same password cost one check, and a flood of checks leaves when its senders do.
func TestUsersAtOnce(t *testing.T) {
	users := readUsers(t, "ann:"+hashOf(t, "$2y$", "one"))
	for range cap(users.checks) {
		users.checks <- struct{}{}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.False(t, users.knows(gone, basic("ann", "one")))

	var senders sync.WaitGroup
	for range 20 {
		senders.Go(func() {
			if !users.knows(t.Context(), basic("ann", "one")) {
				t.Error("turned away")
			}
		})
	}
	for range cap(users.checks) {
		<-users.checks
	}
	senders.Wait()
	require.Len(t, users.known, 1)
}

func TestUsersMistakes(t *testing.T) {
	sound := hashOf(t, "$2y$", "one")
	const wantHash = `not a bcrypt hash, want one of $2y$, $2a$, $2b$ (htpasswd -B)`
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "users.htpasswd: no user in it, want NAME:HASH lines as htpasswd -B writes them"},
		{"comments only", "# ann\n", "users.htpasswd: no user in it, want NAME:HASH lines as htpasswd -B writes them"},
		{"no colon", "\nann", "users.htpasswd:2: want NAME:HASH as htpasswd -B writes it"},
		{"no name", ":" + sound, "users.htpasswd:1: want NAME:HASH as htpasswd -B writes it"},
		{"clear text", "ann:one", `users.htpasswd:1: user "ann": ` + wantHash},
		{"MD5", "ann:" + sound + "\nbob:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00", `users.htpasswd:2: user "bob": ` + wantHash},
		{"SHA-1", "ann:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=", `users.htpasswd:1: user "ann": ` + wantHash},
		{"crypt", "ann:rqXexS6ZhobKA", `users.htpasswd:1: user "ann": ` + wantHash},
		{"bcrypt with a known weakness", "ann:" + strings.Replace(sound, "$2y$", "$2x$", 1), `users.htpasswd:1: user "ann": ` + wantHash},
		{"cut", "ann:" + sound[:len(sound)-1], `users.htpasswd:1: user "ann": ` + wantHash},
		{"a check would take an hour", "ann:" + strings.Replace(sound, "$04$", "$30$", 1), `users.htpasswd:1: user "ann": the cost of the hash is not from 4 to 17`},
		{"no cost", "ann:" + strings.Replace(sound, "$04$", "$00$", 1), `users.htpasswd:1: user "ann": the cost of the hash is not from 4 to 17`},
		{"twice", "ann:" + sound + "\nann:" + sound, `users.htpasswd:2: user "ann" is there twice`},
		{"too large", strings.Repeat("#\n", maxUsersFile), "users.htpasswd: larger than 1048576 bytes"},
		{"a line without end", strings.Repeat("a", 100_000), "users.htpasswd: bufio.Scanner: token too long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			users, err := ReadUsers("users.htpasswd", strings.NewReader(test.text))
			require.EqualError(t, err, test.want)
			require.Nil(t, users)
		})
	}
}
