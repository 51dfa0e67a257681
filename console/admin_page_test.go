package console

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAdminPage: docs/admin.md has every path with its methods, and no other.
func TestAdminPage(t *testing.T) {
	text, err := os.ReadFile("../docs/admin.md")
	require.NoError(t, err)
	told := make(map[string][]string)
	for _, row := range regexp.MustCompile("(?m)^\\| `(/[^`]*)` \\| ([A-Z]+) \\|").FindAllStringSubmatch(string(text), -1) {
		told[row[1]] = append(told[row[1]], row[2])
	}
	address := serve(t, NewMetrics(Config{Control: newDesk()}))
	for path, methods := range told {
		path = strings.Replace(path, "{name}", "first%20two%20fail", 1)
		got := ask(t, "TRACE", "http://"+address+path, nil)
		require.Equal(t, 405, got.status, path)
		require.ElementsMatch(t, append(methods, "HEAD"), strings.Split(got.header.Get("Allow"), ", "), path)
	}
	for _, path := range slices.Collect(maps.Keys(apiPaths(Config{Control: newDesk()}))) {
		require.Contains(t, told, path)
	}
}
