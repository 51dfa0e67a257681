package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReconcile(t *testing.T) {
	arrived := map[string]bool{"a": true, "b": false, "x": true}
	r := Reconcile([]string{"a", "b", "c", "d"}, arrived)
	require.Equal(t, Reconciled{Emitted: 4, Attempted: 2, Delivered: 1, NeverAttempted: []string{"c", "d"}, Undelivered: []string{"b"}, Unknown: []string{"x"}}, r)
	require.Equal(t, `  emitted 4, attempted 2, delivered 1
  2 never attempted (died before the wire: a worker that was killed, a purged queue, a time limit): c, d
  1 attempted, and did not arrive: b
  1 attempted, and not emitted: x
`, r.Text())
	require.Equal(t, "  emitted 1, attempted 1, delivered 1\n", Reconcile([]string{"a"}, map[string]bool{"a": true}).Text())
	many := make([]string, 105)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	require.Contains(t, Reconcile(many, nil).Text(), "98, 99, and 5 more\n")
}

func TestEmitted(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys")
	keys := func(e *Emitted) []string {
		all, err := e.Keys()
		require.NoError(t, err)
		return all
	}
	e, err := OpenEmitted(name)
	require.NoError(t, err)
	_, err = e.Keys()
	require.ErrorContains(t, err, "keys that were emitted: open ")
	write(t, name, "a\n\n b \r\na\nc")
	require.Equal(t, []string{"a", "b", "c"}, keys(e))

	e, err = OpenEmitted(name)
	require.NoError(t, err)
	require.Empty(t, keys(e), "what stood in it before does not count")
	write(t, name, "a\n\n b \r\na\nc\nd\n")
	require.Equal(t, []string{"d"}, keys(e))
	write(t, name, "e\n")
	require.Equal(t, []string{"e"}, keys(e), "begun anew")
}

// TestEmittedAnew: an application that writes its file anew for each run may well write as much of the same, or more.
func TestEmittedAnew(t *testing.T) {
	before := time.Now().Add(-time.Minute)
	tests := []struct {
		name string
		anew func(t *testing.T, name string)
		want []string
	}{
		{"untouched", func(*testing.T, string) {}, nil},
		{"added to", func(t *testing.T, name string) { write(t, name, "wh_1\nwh_2\nwh_3\n") }, []string{"wh_3"}},
		{"as many others", func(t *testing.T, name string) { write(t, name, "wh_3\nwh_4\n") }, []string{"wh_3", "wh_4"}},
		{"more others", func(t *testing.T, name string) { write(t, name, "wh_3\nwh_4\nwh_5\n") }, []string{"wh_3", "wh_4", "wh_5"}},
		{"the same", func(t *testing.T, name string) { write(t, name, "wh_1\nwh_2\n") }, []string{"wh_1", "wh_2"}},
		{"the same, and more, in another file", func(t *testing.T, name string) {
			write(t, name+".new", "wh_1\nwh_2\nwh_3\n")
			require.NoError(t, os.Rename(name+".new", name))
		}, []string{"wh_1", "wh_2", "wh_3"}},
		{"with a byte order mark", func(t *testing.T, name string) { write(t, name, "\ufeffwh_3\r\n") }, []string{"wh_3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "keys")
			write(t, name, "wh_1\nwh_2\n")
			require.NoError(t, os.Chtimes(name, before, before))
			e, err := OpenEmitted(name)
			require.NoError(t, err)
			tt.anew(t, name)
			keys, err := e.Keys()
			require.NoError(t, err)
			require.Equal(t, tt.want, keys)
		})
	}
	_, err := OpenEmitted(t.TempDir())
	require.ErrorContains(t, err, "is a directory")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}
