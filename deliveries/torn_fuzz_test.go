package deliveries

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRecovery: whatever a crash left of a segment, opening the folder keeps its whole lines byte for byte, puts what was torn aside, and what is
// written next can be read.
func FuzzRecovery(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "{", "{}\n", "{\"v\":1,\"event\":\"attempt\"}\n{\"v\":1,\"ev", "\x00\x00\x00", "a\nb\nc", "\r\n\r", "{\"v\":1,\"event\":\"gap\",\"records\":3}\n\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, left []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "000001.jsonl")
		require.NoError(t, os.WriteFile(path, left, 0o644))
		whole := left[:bytes.LastIndexByte(left, '\n')+1]

		w, torn, err := openForTest(Config{Dir: dir, Sync: Sync{Mode: SyncNever}})
		require.NoError(t, err)
		require.NoError(t, w.Append(context.Background(), &Amend{ID: "after", Outcome: Broken, End: Reset, EndedBy: BySender}))
		require.NoError(t, w.Close(context.Background()))

		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(got, whole), "whole lines are kept")
		require.Equal(t, len(whole) < len(left), len(torn) == 1)
		if len(torn) == 1 {
			aside, err := os.ReadFile(torn[0].Copy)
			require.NoError(t, err)
			require.Equal(t, left[len(whole):], bytes.TrimSuffix(aside, []byte("\n")))
		}
		found := false
		for record, err := range Read(dir) {
			if amend, ok := record.(*Amend); err == nil && ok && amend.ID == "after" {
				found = true
			}
		}
		require.True(t, found, "what was written next can be read")
	})
}
