package sender

import (
	"fmt"
	"strings"
)

// Payload is an event's JSON of exactly size bytes whose objects are nested depth deep, both at least what Payload needs for its id; 0: as little as that. Bodies of
// different ids differ.
func Payload(id string, size, depth int) ([]byte, error) {
	depth = max(depth, 1)
	before := fmt.Sprintf(`{"event_id":%q`, id)
	inner := strings.Repeat(`,"data":{"in":1`, depth-1)
	after := strings.Repeat("}", depth)
	least := len(before) + len(inner) + len(after)
	const pad, end = `,"pad":"`, `"`
	switch room := size - least; {
	case size == 0 || room == 0:
		return []byte(before + inner + after), nil
	case room < 0 || room < len(pad)+len(end):
		return nil, fmt.Errorf("a payload of %d bytes, nested %d deep: want %d bytes, or %d and more", size, depth, least, least+len(pad)+len(end))
	default:
		return []byte(before + inner + pad + strings.Repeat("x", room-len(pad)-len(end)) + end + after), nil
	}
}
