package deliveries

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// secretFree tells whether no name in a JSON text can be one of a secret's.
func secretFree(text string) bool {
	plain := plainName(text)
	for _, word := range [...]string{"authorization", "cookie", "token", "secret", "signature", "api-key", `\`} {
		if strings.Contains(plain, word) {
			return false
		}
	}
	return true
}

// requireRedacted holds a redacted text against what encoding/json makes of the one that was given.
func requireRedacted(t *testing.T, text, got string) {
	t.Helper()
	var before, after any
	if err := json.Unmarshal([]byte(text), &before); err != nil {
		return
	}
	require.NoError(t, json.Unmarshal([]byte(got), &after))
	requireSame(t, before, after)
}

func requireSame(t *testing.T, before, after any) {
	t.Helper()
	switch before := before.(type) {
	case map[string]any:
		object, ok := after.(map[string]any)
		require.True(t, ok)
		require.Len(t, object, len(before))
		for name, value := range before {
			if (&Redactor{names: globs(secretNames())}).secret(name) {
				require.Regexp(t, "^sha256:[0-9a-f]{8}$", object[name])
				continue
			}
			requireSame(t, value, object[name])
		}
	case []any:
		list, ok := after.([]any)
		require.True(t, ok)
		require.Len(t, list, len(before))
		for i, value := range before {
			requireSame(t, value, list[i])
		}
	default:
		require.Equal(t, before, after)
	}
}

func globs(patterns []string) []nameGlob {
	var all []nameGlob
	for _, p := range patterns {
		all = append(all, newNameGlob(p))
	}
	return all
}
