package faults

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// What Standard Webhooks signs, and where the signature stands (standardwebhooks.com).
const (
	signedID   = "Webhook-Id"
	signedTime = "Webhook-Timestamp"
	signature  = "Webhook-Signature"
)

// signingKey reads a secret as Standard Webhooks writes it: base64 after whsec_. Another text is the key itself.
func signingKey(secret string) ([]byte, error) {
	secret = strings.TrimSpace(secret)
	encoded, is := strings.CutPrefix(secret, "whsec_")
	switch key, err := base64.StdEncoding.DecodeString(encoded); {
	case secret == "":
		return nil, errors.New("holds no secret")
	case !is:
		return []byte(secret), nil
	case err != nil || len(key) == 0:
		return nil, errors.New("holds no base64 after whsec_")
	default:
		return key, nil
	}
}

// ApplySignature signs a body anew where the step asks for that: over the id, the time and the body, as a sender does that knows the secret. An error says what
// it would have to sign and is not there.
func (r Rewrite) ApplySignature(header map[string][]string, body []byte) error {
	if r.SigningKey == nil {
		return nil
	}
	mac := hmac.New(sha256.New, r.SigningKey)
	for _, name := range [...]string{signedID, signedTime} {
		if len(header[name]) == 0 {
			return errors.New("it has no " + name + ", which would be signed")
		}
		mac.Write([]byte(header[name][0] + "."))
	}
	mac.Write(body)
	header[signature] = []string{"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))}
	return nil
}
