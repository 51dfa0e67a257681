package receiver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The schemes by which a sender may sign, as they are called in files and logs.
const (
	standardWebhooks = "standard-webhooks" // https://www.standardwebhooks.com
	github           = "github"            // X-Hub-Signature-256
	stripe           = "stripe"            // Stripe-Signature
)

// maxAge is how old a signed time may be, and how far ahead: five minutes, as Standard Webhooks and Stripe have it.
const maxAge = 5 * time.Minute

// Signature is what was found of a request's signature.
type Signature struct {
	Scheme  string `json:"scheme"` // "" where there is none
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
}

// signed verifies one request's signature while its body passes. Make it with verifies.
type signed struct {
	scheme  string
	problem string   // found before the body
	given   [][]byte // signatures, any of which may be right
	macs    []hash.Hash
}

// verifies begins to verify by any of the secrets; nil without one.
func verifies(secrets []string, h http.Header, now time.Time) *signed {
	switch {
	case len(secrets) == 0:
		return nil
	case h.Get("Webhook-Signature") != "":
		return signedByStandard(secrets, h, now)
	case h.Get("X-Hub-Signature-256") != "":
		return signedByGitHub(secrets, h)
	case h.Get("Stripe-Signature") != "":
		return signedByStripe(secrets, h, now)
	default:
		return &signed{problem: "no signature: none of Webhook-Signature, X-Hub-Signature-256, Stripe-Signature"}
	}
}

// signedByStandard: base64 of the HMAC over id.timestamp.body; the secret is base64 after whsec_.
func signedByStandard(secrets []string, h http.Header, now time.Time) *signed {
	s := &signed{scheme: standardWebhooks}
	id, at := h.Get("Webhook-Id"), h.Get("Webhook-Timestamp")
	for one := range strings.FieldsSeq(strings.Join(h.Values("Webhook-Signature"), " ")) {
		if encoded, ok := strings.CutPrefix(one, "v1,"); ok {
			if mac, err := base64.StdEncoding.DecodeString(encoded); err == nil {
				s.given = append(s.given, mac)
			}
		}
	}
	s.problem = timeProblem("Webhook-Timestamp", at, now)
	if id == "" {
		s.problem = "no Webhook-Id, which is signed"
	}
	for _, secret := range secrets {
		s.begin(standardKey(secret), id+"."+at+".")
	}
	return s
}

// standardKey is the key in a secret of Standard Webhooks; one that is not base64 is the key itself.
func standardKey(secret string) []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		return []byte(secret)
	}
	return key
}

// signedByGitHub: hexadecimal of the HMAC over the body.
func signedByGitHub(secrets []string, h http.Header) *signed {
	s := &signed{scheme: github}
	if encoded, ok := strings.CutPrefix(h.Get("X-Hub-Signature-256"), "sha256="); ok {
		s.addHex(encoded)
	}
	for _, secret := range secrets {
		s.begin([]byte(secret), "")
	}
	return s
}

// signedByStripe: hexadecimal of the HMAC over timestamp.body; t=…,v1=….
func signedByStripe(secrets []string, h http.Header, now time.Time) *signed {
	s := &signed{scheme: stripe}
	at := ""
	for part := range strings.SplitSeq(strings.Join(h.Values("Stripe-Signature"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			at = value
		case "v1":
			s.addHex(value)
		}
	}
	s.problem = timeProblem("t in Stripe-Signature", at, now)
	for _, secret := range secrets {
		s.begin([]byte(secret), at+".")
	}
	return s
}

func (s *signed) addHex(encoded string) {
	if mac, err := hex.DecodeString(encoded); err == nil {
		s.given = append(s.given, mac)
	}
}

func (s *signed) begin(key []byte, before string) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(before))
	s.macs = append(s.macs, mac)
}

// timeProblem is what is wrong with a signed time.
func timeProblem(name, value string, now time.Time) string {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return fmt.Sprintf("%s is no time in seconds: %q", name, value)
	}
	switch age := now.Sub(time.Unix(seconds, 0)); {
	case age > maxAge:
		return fmt.Sprintf("signed %s ago, which is over %s", age.Round(time.Second), maxAge)
	case age < -maxAge:
		return fmt.Sprintf("signed %s ahead of time", (-age).Round(time.Second))
	default:
		return ""
	}
}

// Write takes a part of the body. It never fails.
func (s *signed) Write(p []byte) (int, error) {
	for _, mac := range s.macs {
		mac.Write(p)
	}
	return len(p), nil
}

// result is what was found, once the body has passed; nil where nothing was looked for.
func (s *signed) result() *Signature {
	switch {
	case s == nil:
		return nil
	case len(s.given) == 0 && s.scheme != "":
		return &Signature{Scheme: s.scheme, Problem: "no signature in a form that is known"}
	case s.scheme != "" && !s.right():
		return &Signature{Scheme: s.scheme, Problem: andSo(s.problem, "the signature is not that of this body and secret")}
	default:
		return &Signature{Scheme: s.scheme, OK: s.problem == "", Problem: s.problem}
	}
}

// andSo is a problem and what comes of it.
func andSo(problem, consequence string) string {
	if problem == "" {
		return consequence
	}
	return problem + "; " + consequence
}

func (s *signed) right() bool {
	for _, mac := range s.macs {
		want := mac.Sum(nil)
		for _, got := range s.given {
			if hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}
