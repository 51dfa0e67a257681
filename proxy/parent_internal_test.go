package proxy

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSpelledAddresses: what the proxy on the way may make of a host, however it is spelled.
func TestSpelledAddresses(t *testing.T) {
	tests := []struct{ host, want string }{
		{"127.0.0.1", "127.0.0.1"}, {"127.0.0.1.", "127.0.0.1"}, {"127.1", "127.0.0.1"}, {"2130706433", "127.0.0.1"}, {"0x7f000001", "127.0.0.1"},
		{"0x7F.1", "127.0.0.1"}, {"017700000001", "127.0.0.1"}, {"0177.0.0.01", "127.0.0.1"}, {"127.0.257", "127.0.1.1"},
		{"2852039166", "169.254.169.254"}, {"0xa9fea9fe", "169.254.169.254"}, {"localhost", "127.0.0.1"}, {"LOCALHOST.", "127.0.0.1"}, {"api.localhost", "127.0.0.1"},
		{"::1", "::1"}, {"0", "0.0.0.0"},
		{"256.1", ""}, {"1.2.3.4.5", ""}, {"4294967296", ""}, {"0b1", ""}, {"0o7.1", ""}, {"1_0.1", ""}, {"-1", ""}, {"0x1_0", ""}, {"1..2", ""}, {"no.such.name.invalid", ""},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			addrs := resolved(t.Context(), tt.host)
			if tt.want == "" {
				require.Empty(t, addrs)
				return
			}
			require.Contains(t, addrs, netip.MustParseAddr(tt.want))
		})
	}
}
