package deliveries

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Redactor takes secrets out of what is to be recorded, before it is encoded. A secret becomes "sha256:" and 8 hex digits of its SHA-256, so that
// equal values can still be told equal. No method changes what it is given; what holds no secret is returned as it is, not copied. A Redactor may be
// used by any number of goroutines. Make one with NewRedactor.
type Redactor struct {
	names []nameGlob
	paths []string // of JSON members, in their one spelling: names and [indices]
	known knownNames
}

// secretNames are always redacted: fields of a header, parameters of a query, members of a JSON body.
func secretNames() []string {
	return []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "*token*", "*secret*", "*signature*", "*api-key*"}
}

// NewRedactor makes a Redactor for the usual secrets and more: names (globs, case-blind, "_" as good as "-") and JSON paths ("json:claim.iban",
// "$.claim.iban", "claim.iban", "items[0].id"; a path of a single name without "json:" or "$." is a name, and so is redacted at any depth).
func NewRedactor(more []string) (*Redactor, error) {
	r := &Redactor{}
	for _, name := range secretNames() {
		r.names = append(r.names, newNameGlob(name))
	}
	for _, entry := range more {
		if err := r.add(entry); err != nil {
			return nil, fmt.Errorf("redact %q: %w", entry, err)
		}
	}
	return r, nil
}

func (r *Redactor) add(entry string) error {
	if path, ok := jsonPath(entry); ok {
		path, err := cleanPath(path)
		if err != nil {
			return err
		}
		r.paths = append(r.paths, path)
		return nil
	}
	name := entry
	for _, source := range [...]string{"header:", "query:"} {
		name = strings.TrimPrefix(name, source)
	}
	if strings.Trim(name, "* ") == "" {
		return errors.New("want a header name or a JSON path")
	}
	r.names = append(r.names, newNameGlob(name))
	return nil
}

// redacted is what stands for a secret.
func redacted(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return redactedAs(sum[:])
}

// redactedAs is what stands for a secret with this SHA-256.
func redactedAs(sum []byte) string { return "sha256:" + hex.EncodeToString(sum[:4]) }

// Redacted tells whether a logged value stands for a secret.
func Redacted(value string) bool {
	digits, is := strings.CutPrefix(value, "sha256:")
	if !is || len(digits) != 8 {
		return false
	}
	_, err := hex.DecodeString(digits)
	return err == nil
}

// secret tells whether what has this name is to be redacted.
func (r *Redactor) secret(name string) bool {
	secret, known := r.known.of(name)
	if !known {
		secret = r.matches(plainName(name))
		r.known.remember(name, secret)
	}
	return secret
}

// matches takes a plain name.
func (r *Redactor) matches(name string) bool {
	for _, glob := range r.names {
		if glob.match(name) {
			return true
		}
	}
	return false
}

// Header gives a header without secrets: also in the URLs of Location, Content-Location and Referer.
func (r *Redactor) Header(h map[string][]string) map[string][]string {
	var clean map[string][]string
	for name, values := range h {
		redact := r.headerValue(name)
		if redact == nil {
			continue
		}
		if clean == nil {
			clean = make(map[string][]string, len(h))
			for name, values := range h {
				clean[name] = values
			}
		}
		fresh := make([]string, len(values))
		for i, value := range values {
			fresh[i] = redact(value)
		}
		clean[name] = fresh
	}
	if clean == nil {
		return h
	}
	return clean
}

func (r *Redactor) headerValue(name string) func(string) string {
	switch {
	case r.secret(name):
		return redacted
	case name == "Location", name == "Content-Location", name == "Referer":
		return r.URL
	default:
		return nil
	}
}

// Key gives a delivery key that came from such a source ("header:X-Api-Key", "query:token", "json:a.secret", several joined by commas, "body") as it
// may be recorded. It serves for `try` and `created`, too.
func (r *Redactor) Key(from, value string) string {
	if value == "" {
		return value
	}
	for source := range strings.SplitSeq(from, ",") {
		if r.secretSource(source) {
			return redacted(value)
		}
	}
	return value
}

func (r *Redactor) secretSource(source string) bool {
	kind, name, _ := strings.Cut(source, ":")
	if kind != "json" {
		return r.secret(name)
	}
	path, err := cleanPath(name)
	return err != nil || r.secretMember(path)
}

// nameGlob is a glob over names; "*" is any run of characters.
type nameGlob struct{ parts []string }

func newNameGlob(pattern string) nameGlob { return nameGlob{strings.Split(plainName(pattern), "*")} }

// plainName is the spelling in which names are compared: api_key in a query is Api-Key in a header.
func plainName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "-") }

// match takes a plain name.
func (g nameGlob) match(name string) bool {
	first, last := g.parts[0], g.parts[len(g.parts)-1]
	if len(g.parts) == 1 {
		return name == first
	}
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	rest := name[len(first) : len(name)-len(last)]
	for _, part := range g.parts[1 : len(g.parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return true
}
