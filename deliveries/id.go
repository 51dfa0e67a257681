package deliveries

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// DeliveryID is 24 hex digits of the SHA-256 over scope (what the key is unique within: the endpoint), key and, for keys that are the body's hash,
// the id of the delivery's first attempt; "" for all others. Each part is preceded by its length, so that no two triples give the same bytes.
func DeliveryID(scope, key, firstAttemptID string) string {
	var few [256]byte
	text := few[:0]
	for _, part := range [...]string{scope, key, firstAttemptID} {
		text = binary.AppendUvarint(text, uint64(len(part)))
		text = append(text, part...)
	}
	sum := sha256.Sum256(text)
	var digits [24]byte
	hex.Encode(digits[:], sum[:12])
	return string(digits[:])
}
