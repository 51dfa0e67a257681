package sender

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// nested is how deeply objects are nested in a JSON value.
func nested(value any) int {
	deepest := 0
	object, is := value.(map[string]any)
	if !is {
		return 0
	}
	for _, inner := range object {
		deepest = max(deepest, nested(inner))
	}
	return 1 + deepest
}

// TestPayload: as large and as deep as asked, and no two alike.
func TestPayload(t *testing.T) {
	for _, depth := range []int{0, 1, 2, 500} {
		smallest, err := Payload("wh_1", 0, depth)
		require.NoError(t, err)
		for _, size := range []int{0, len(smallest), len(smallest) + 9, len(smallest) + 100_000} {
			t.Run(fmt.Sprintf("%d deep, %d bytes", depth, size), func(t *testing.T) {
				body, err := Payload("wh_1", size, depth)
				require.NoError(t, err)
				if size > 0 {
					require.Len(t, body, size)
				}
				var value any
				require.NoError(t, json.Unmarshal(body, &value))
				require.Equal(t, max(depth, 1), nested(value))
				other, err := Payload("wh_2", size, depth)
				require.NoError(t, err)
				require.NotEqual(t, body, other)
			})
		}
		for _, size := range []int{1, len(smallest) - 1, len(smallest) + 1, len(smallest) + 8} {
			_, err := Payload("wh_1", size, depth)
			require.EqualError(t, err, fmt.Sprintf("a payload of %d bytes, nested %d deep: want %d bytes, or %d and more", size, max(depth, 1), len(smallest), len(smallest)+9))
		}
	}
}
