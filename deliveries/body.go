package deliveries

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// BodyPolicy is how much of a request's body is recorded: log.bodies. The zero value is "hash".
type BodyPolicy struct {
	mode  bodyMode
	first int64 // bytes, of bodiesFirst
}

type bodyMode int

const (
	bodiesHash bodyMode = iota
	bodiesNone
	bodiesFirst
	bodiesFull
)

// ParseBodyPolicy reads log.bodies: "none", "hash", "first 4KiB", "full"; "" is "hash".
func ParseBodyPolicy(text string) (BodyPolicy, error) {
	switch text {
	case "", "hash":
		return BodyPolicy{}, nil
	case "none":
		return BodyPolicy{mode: bodiesNone}, nil
	case "full":
		return BodyPolicy{mode: bodiesFull}, nil
	}
	if size, found := strings.CutPrefix(text, "first "); found {
		if n, err := parseSize(strings.TrimSpace(size)); err == nil && n > 0 {
			return BodyPolicy{mode: bodiesFirst, first: n}, nil
		}
	}
	return BodyPolicy{}, fmt.Errorf(`got %q, want "none", "hash", "first 4KiB" or "full"`, text)
}

// parseSize reads bytes: an integer with B, KiB, MiB, GiB, kB, MB, or nothing.
func parseSize(text string) (int64, error) {
	digits := strings.TrimRight(text, "BKMGik ")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, err
	}
	units := map[string]int64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1e3, "MB": 1e6}
	unit, known := units[strings.TrimSpace(text[len(digits):])]
	if !known || n > (1<<62)/unit {
		return 0, fmt.Errorf("size %q", text)
	}
	return n * unit, nil
}

// Keep is how many bytes of a body are to be kept for Body: 0 none, -1 all.
func (p BodyPolicy) Keep() int64 {
	switch p.mode {
	case bodiesHash, bodiesNone:
		return 0
	case bodiesFirst:
		return p.first
	case bodiesFull:
		return -1
	default:
		panic(fmt.Sprintf("deliveries: body mode %d", p.mode))
	}
}

// Digest is the SHA-256 of a body as Message has it; "" when nothing of bodies is to be recorded.
func (p BodyPolicy) Digest(sum []byte) string {
	if p.mode == bodiesNone {
		return ""
	}
	var digits [2 * sha256.Size]byte
	return string(hex.AppendEncode(digits[:0], sum))
}

// Body is what Message has of a body of which the first Keep bytes were kept: nil when nothing is to be recorded, else a *Body. Secrets of a JSON body are
// redacted. What was kept is used up.
func (p BodyPolicy) Body(kept *Kept, redact *Redactor) any {
	if p.Keep() == 0 {
		return nil
	}
	text := bodyText{redact: redact, cut: p.mode == bodiesFirst}
	return text.encode(kept)
}

// Whole is the body as it came; ok is false when the log does not have all of it, or not as it came: secrets in it are redacted. Then it is what the log has.
// The hash of a body is that of the one that came.
func (m *Message) Whole() (body []byte, ok bool) {
	switch logged := m.Body.(type) {
	case string:
		body = []byte(logged)
	case map[string]any:
		text, _ := logged["base64"].(string)
		var err error
		if body, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, false
		}
	}
	sum := sha256.Sum256(body)
	if m.SHA256 == "" {
		return body, m.Bytes == 0
	}
	return body, m.SHA256 == hex.EncodeToString(sum[:])
}
