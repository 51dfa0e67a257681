package deliveries

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDeliveryID(t *testing.T) {
	id := DeliveryID("http://hooks.example.com/claims/7", "wh_2f9", "")
	require.Equal(t, "bb89b0c4d1cb62c5f9f795b3", id, "sha256sum of each part behind its length")
	seen := map[string]bool{}
	for _, parts := range [][3]string{{"a", "b", ""}, {"ab", "", ""}, {"", "ab", ""}, {"a", "", "b"}, {"", "", "ab"}, {"", "", ""}, {"a", "b", "c"}, {"\x01a", "b", ""}} {
		id := DeliveryID(parts[0], parts[1], parts[2])
		require.Regexp(t, "^[0-9a-f]{24}$", id)
		require.False(t, seen[id], "%q", parts)
		require.Equal(t, id, DeliveryID(parts[0], parts[1], parts[2]))
		seen[id] = true
	}
}
