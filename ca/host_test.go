package ca

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHostsThatNoCertificateCanName(t *testing.T) {
	tests := []struct{ name, host, want string }{
		{"empty", "", `host "" is empty: no certificate can name it`},
		{"the root", ".", `host "." is empty: no certificate can name it`},
		{"a wildcard", "*.test", `host "*.test" has the character '*': no certificate can name it`},
		{"an IDN as people write it", "bücher.test", `host "bücher.test" has the character 'ü': no certificate can name it`},
		{"no ASCII letter, though its small form is one", "\u212a.test", "host \"\u212a.test\" has the character '\u212a': no certificate can name it"},
		{"no UTF-8", "\xff.test", `host "\xff.test" has the character '�': no certificate can name it`},
		{"a port", "hooks.test:443", `host "hooks.test:443" has the character ':': no certificate can name it`},
		{"a NUL", "good.test\x00.evil.test", `host "good.test\x00.evil.test" has the character '\x00': no certificate can name it`},
		{"a space", "hooks test", `host "hooks test" has the character ' ': no certificate can name it`},
		{"an empty label", "hooks..test", `host "hooks..test" has an empty label: no certificate can name it`},
		{"a leading hyphen", "-hooks.test", `host "-hooks.test" has a label that begins with a hyphen: no certificate can name it`},
		{"a long label", strings.Repeat("a", 64) + ".test", `host "` + strings.Repeat("a", 64) + `.test" has a label of 64 characters: no certificate can name it`},
		{"300 characters", strings.Repeat("ab.", 100) + "test", `host "` + strings.Repeat("ab.", 21) + `"… has 304 characters, a name has at most 253`},
		{"a name in brackets", "[hooks]", `host "[hooks]" has the character '[': no certificate can name it`},
		{"an IPv4 address in brackets", "[127.0.0.1]", `host "[127.0.0.1]" has the character '[': no certificate can name it`},
		{"half a pair of brackets", "::1]", `host "::1]" has the character ':': no certificate can name it`},
		{"a zone", "fe80::1%eth0", `host "fe80::1%eth0" has a zone, which no certificate can name`},
	}
	a := opened(t, t.TempDir(), noon)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaf, err := a.Leaf(tt.host)
			require.EqualError(t, err, tt.want)
			require.Nil(t, leaf)
			require.Empty(t, a.leaves.byID)
		})
	}
}

// Whatever a sender writes into its SNI: an error, or a certificate that a client which asked for that host accepts.
func FuzzLeaf(f *testing.F) {
	for _, host := range []string{
		"", ".", "hooks.test", "HOOKS.test.", "*.test", "*", "bücher.test", "xn--bcher-kva.test", "xn--", "127.0.0.1", "::1", "[::1]", "::ffff:1.2.3.4", "fe80::1%lo", "1.2.3",
		"a_b", "-", "[", "[]", "[0]", "[1.2.3.4]", "hooks.test:443", "a\x00b", "\u212a", strings.Repeat("a.", 150), strings.Repeat("a", 63), strings.Repeat("é", 300),
	} {
		f.Add(host)
	}
	a, err := open(f.TempDir(), at(noon), nil)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, host string) {
		leaf, err := a.Leaf(host)
		if err != nil {
			require.Nil(t, leaf)
			return
		}
		require.NoError(t, leaf.Leaf.VerifyHostname(strings.TrimSuffix(host, ".")), "%q", host)
		require.LessOrEqual(t, len(a.leaves.byID), maxLeaves)
	})
}
