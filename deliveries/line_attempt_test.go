package deliveries

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAttemptLine: an attempt's line is what encoding/json makes of its fields, with a time of full width.
func TestAttemptLine(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		a := randomAttempt(r)
		a.V, a.Event, a.Run, a.Proxy, a.Seq = version, EventAttempt, word(r), word(r), uint64(r.Int64())
		if r.IntN(8) == 0 {
			a.MS = Times{0, 1e-7, 1e300, -3.5}
		}
		if r.IntN(8) == 0 {
			a.Request.Header = map[string][]string{"b": {"x"}, "A": {}, "B": nil, "a": {"1", "2"}}
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(normal(a)))
		line, err := encode(a)
		require.NoError(t, err)
		require.Equal(t, string(widen(want.Bytes(), "start", a.Start)), string(line))
	}
}
