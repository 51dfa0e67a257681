package deliveries

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// DeliveryID is 24 hex digits of the SHA-256 over scope (what the key is unique within: the endpoint), key and, for keys that are the body's hash,
// the id of the delivery's first attempt; "" for all others. Each part is preceded by its length, so that no two triples give the same bytes.
func DeliveryID(scope, key, firstAttemptID string) string {
	var text []byte
	for _, part := range [...]string{scope, key, firstAttemptID} {
		text = binary.AppendUvarint(text, uint64(len(part)))
		text = append(text, part...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}
