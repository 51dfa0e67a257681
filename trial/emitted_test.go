package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

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
	many := make([]string, 25)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	require.Contains(t, Reconcile(many, nil).Text(), "18, 19, and 5 more\n")
}

func TestEmitted(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys")
	write := func(text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	keys := func(e *Emitted) []string {
		all, err := e.Keys()
		require.NoError(t, err)
		return all
	}
	e, err := OpenEmitted(name)
	require.NoError(t, err)
	_, err = e.Keys()
	require.ErrorContains(t, err, "keys that were emitted: open ")
	write("a\n\n b \r\na\nc")
	require.Equal(t, []string{"a", "b", "c"}, keys(e))

	e, err = OpenEmitted(name)
	require.NoError(t, err)
	require.Empty(t, keys(e), "what stood in it before does not count")
	write("a\n\n b \r\na\nc\nd\n")
	require.Equal(t, []string{"d"}, keys(e))
	write("e\n")
	require.Equal(t, []string{"e"}, keys(e), "begun anew")
}
