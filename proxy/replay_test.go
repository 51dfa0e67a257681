package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// TestReplaysAreTold: what faultline replay sends says which attempt it repeats, in the record as at the target.
func TestReplaysAreTold(t *testing.T) {
	for _, tt := range []struct{ name, header, want string }{
		{"a sender's own", "X-Other: 1", ""},
		{"a replay", "X-Faultline-Replay: 01938c7e-0003", "01938c7e-0003"},
		{"no id is so long", "X-Faultline-Replay: " + strings.Repeat("a", 65), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
			p := start(t, "")
			p.one(t, wiretest.Post(target.Address(), "/hook", "{}", tt.header))
			require.Equal(t, tt.want, p.journal.attempts(t, 1)[0].Replay)
		})
	}
}
