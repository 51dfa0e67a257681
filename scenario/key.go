package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// longestKey bounds a key: the counters remember a million of them. A longer value counts by its hash.
const longestKey = 256

// Key is what stays the same over a delivery's retries: the first source of [delivery] key that is present, the body's hash at last. known is
// false while the body decides and was not looked at; BodyKey or PrefixKey then give the key once it has passed.
func (s *Scenario) Key(subj *Subject) (key Key, known bool) {
	v := look(subj, false)
	for _, c := range s.Delivery.Key {
		if c.isBody() {
			continue // always tried last
		}
		value, is := c.value(v, func() (string, presence) { return s.bodyPart(subj) })
		switch is {
		case unknown:
			return Key{}, false
		case present:
			return Key{Value: bounded(value), From: c.String(), Scope: s.Scope(subj)}, true
		case absent:
		}
	}
	if !subj.BodyHeld {
		return Key{}, false
	}
	return s.heldKey(subj), true
}

func (c composite) isBody() bool { return len(c) == 1 && c[0].from == inBody }

// heldKey is the key of a body that was held.
func (s *Scenario) heldKey(subj *Subject) Key {
	if !subj.BodyWhole {
		return s.PrefixKey(subj, sha256.Sum256(subj.Body))
	}
	return s.BodyKey(subj, sha256.Sum256(withoutPaths(subj.Body, s.Delivery.Ignore)))
}

// bodyPart is the body as a part of a composite key.
func (s *Scenario) bodyPart(subj *Subject) (string, presence) {
	if !subj.BodyHeld {
		return "", unknown
	}
	return s.heldKey(subj).Value, present
}

// BodyKey is the key of a body by its SHA-256, for one that passed without being held. NeedsBody is true wherever this would not be its key.
func (s *Scenario) BodyKey(subj *Subject, sum [sha256.Size]byte) Key {
	return Key{Value: hex.EncodeToString(sum[:]), From: "body", Scope: s.Scope(subj), Body: true}
}

// PrefixKey is the key of a body larger than what is held, by the SHA-256 of its first part, and the body's length where the sender announced it.
func (s *Scenario) PrefixKey(subj *Subject, sum [sha256.Size]byte) Key {
	value := hex.EncodeToString(sum[:]) + ":"
	if subj.Size >= 0 {
		value += strconv.FormatInt(subj.Size, 10)
	} else {
		value += "chunked" // its length is not known when it is decided
	}
	return Key{Value: value, From: "body-prefix", Scope: s.Scope(subj), Body: true}
}

// Scope is what a key of this attempt is unique within, by [delivery] per.
func (s *Scenario) Scope(subj *Subject) string {
	switch s.Delivery.Per {
	case PerEndpoint:
		return Endpoint(subj)
	case PerHost:
		return hostPort(subj)
	case PerAll:
		return ""
	default:
		panic("scenario: keys per " + string(s.Delivery.Per))
	}
}

// Endpoint is the scheme, host and path of a target, the port unless it is the scheme's own, without query.
func Endpoint(subj *Subject) string {
	if subj.ownPort() {
		return subj.Scheme + "://" + bracketed(subj.Host) + subj.Path
	}
	return subj.Scheme + "://" + bracketed(subj.Host) + ":" + strconv.Itoa(subj.Port) + subj.Path
}

func hostPort(subj *Subject) string {
	if subj.ownPort() {
		return bracketed(subj.Host)
	}
	return bracketed(subj.Host) + ":" + strconv.Itoa(subj.Port)
}

// ownPort reports whether the port is the scheme's own.
func (subj *Subject) ownPort() bool {
	return subj.Scheme == "http" && subj.Port == 80 || subj.Scheme == "https" && subj.Port == 443
}

// Try is which try the sender says that this is, "" when it does not say.
func (s *Scenario) Try(subj *Subject) string { return take(s.Delivery.Try, subj) }

// Created is when the payload says that it was created, "" when it does not say.
func (s *Scenario) Created(subj *Subject) string { return take(s.Delivery.Created, subj) }

// TrySource and CreatedSource are where these are taken from, as the file writes it ("header:X-Try"), "" when they are not taken at all. Who records
// the value needs the name, to tell whether it is a secret.
func (s *Scenario) TrySource() string     { return nameOf(s.Delivery.Try) }
func (s *Scenario) CreatedSource() string { return nameOf(s.Delivery.Created) }

func bounded(value string) string {
	if len(value) <= longestKey {
		return value
	}
	sum := sha256.Sum256([]byte(value))
	return "sha256:" + hex.EncodeToString(sum[:])
}
