package arrows

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

func TestTheRepositoryKeepsItsArrows(t *testing.T) {
	found, err := faultlines().Check(root)
	require.NoError(t, err)
	for _, v := range found {
		t.Error(v)
	}
}

// The check must be able to fail: each line of the broken repository that breaks the table is found, and no other.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	const impure = "net, net/http/..., os/..., math/rand/..., crypto/rand, syscall"
	want := []string{
		`cmd/faultline/main.go:5: cmd/faultline imports "github.com/elazarl/goproxy", which only proxy may, in tests too`,
		`cmd/faultline/main.go:4: cmd/faultline imports "github.com/BurntSushi/toml", of third party it may import github.com/spf13/cobra, github.com/spf13/pflag, github.com/google/uuid, github.com/fsnotify/fsnotify, golang.org/x/sys/unix`,
		`cmd/faultline/main.go:8: cmd/faultline imports "internal/wiretest", of ours it may import all`,
		`cmd/faultline/main.go:10: cmd/faultline imports "surprise", of ours it may import all`,
		`console/metrics.go:6: console imports "proxy", of ours it may import deliveries, analysis`,
		`deliveries/attempt.go:4: deliveries imports "net/http/httptest", never of the standard library: net/http/...`,
		`faults/clock.go:4: faults imports "math/rand/v2", never of the standard library: ` + impure,
		`faults/clock.go:5: faults imports "os/exec", never of the standard library: ` + impure,
		`faults/clock.go:20: faults uses time.Now: time comes in as an argument`,
		`faults/clock.go:23: faults uses time.Until: time comes in as an argument`,
		`faults/dot.go:3: faults imports "time" into its own names, where its clock cannot be told`,
		`proxy/server.go:5: proxy imports "github.com/elazarl/goproxyother", of third party it may import github.com/elazarl/goproxy, github.com/google/uuid, golang.org/x/crypto/bcrypt, golang.org/x/sys/unix`,
		`proxy/server.go:6: proxy imports "github.com/prometheus/client_golang/prometheus", of third party it may import github.com/elazarl/goproxy, github.com/google/uuid, golang.org/x/crypto/bcrypt, golang.org/x/sys/unix`,
		`proxy/server.go:8: proxy imports "console", of ours it may import faults, scenario, deliveries, counters, ca, http1`,
		`scenario/address.go:4: scenario imports "net", never of the standard library: ` + impure,
		`scenario/address.go:8: scenario imports "deliveries", of ours it may import faults, schema`,
		`scenario/free_test.go:7: scenario imports "github.com/elazarl/goproxy", which only proxy may, in tests too`,
		`schema/key.go:3: schema imports "os", never of the standard library: ` + impure,
		`surprise/new.go:1: package "surprise" has no row in the table of internal/arrows`,
	}
	found, err := faultlines().Check("testdata/broken")
	require.NoError(t, err)
	var got []string
	for _, v := range found {
		got = append(got, v.String())
	}
	require.Equal(t, want, got)
}

func TestWhatIsNoGoIsAnError(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "torn.go"), []byte("package faults; import"), 0o600))
	_, err := faultlines().Check(dir)
	require.ErrorContains(t, err, `parse "torn.go": `)
	_, err = faultlines().Check("testdata/nowhere")
	require.ErrorContains(t, err, `walk to ".": `)
}

// A misspelt name in the table would allow nothing and forbid nothing.
func TestTheTableNamesWhatExists(t *testing.T) {
	table := faultlines()
	rows := map[string]bool{"all": true}
	for _, row := range table.Rows {
		require.False(t, rows[row.Package], "two rows for %q", row.Package)
		rows[row.Package] = true
	}
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	require.Contains(t, string(text), "module "+table.Module+"\n")
	required := func(module string) {
		require.Condition(t, func() bool { return requires(string(text), module) }, "go.mod does not require %q", module)
	}
	for _, row := range table.Rows {
		for _, ours := range row.Ours {
			require.True(t, rows[ours], "%s may import %q, which has no row", row.Package, ours)
		}
		for _, module := range row.Modules {
			required(module)
		}
	}
	for _, sole := range table.Sole {
		required(sole.Module)
		require.True(t, rows[sole.Package], "%q has no row", sole.Package)
	}
}

// requires reports whether a go.mod requires the module of an import path.
func requires(text, imported string) bool {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) >= 2 && strings.HasPrefix(words[1], "v") && below(imported, words[0]) {
			return true
		}
	}
	return false
}
