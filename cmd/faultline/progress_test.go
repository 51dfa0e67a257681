package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The line of a large log goes up to all of it, says what happens then, and is gone at the end. A small log is read before anybody could read the line.
func TestProgress(t *testing.T) {
	const mebi = 1 << 20
	for _, tt := range []struct {
		name string
		all  int64
		want string
	}{
		{"a large one", 900 * mebi, "\r\x1b[Kreading: 50% of 900 MiB\r\x1b[Kreading: 100% of 900 MiB\r\x1b[Kread; looking at 12 attempts\r\x1b[K"},
		{"a huge one", 20 << 30, "\r\x1b[Kreading: 50% of 20.0 GiB\r\x1b[Kreading: 100% of 20.0 GiB\r\x1b[Kread; looking at 12 attempts\r\x1b[K"},
		{"a small one", mebi, ""},
	} {
		for _, seen := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				var out bytes.Buffer
				p := newProgress(world{stderr: &out, errorsAreSeen: seen})
				p.read(tt.all/2, tt.all)
				p.read(tt.all, tt.all)
				p.judging(12)
				p.end()
				p.end()
				want := tt.want
				if !seen {
					want = ""
				}
				require.Equal(t, want, out.String())
			})
		}
	}
}

// Each command that reads logs shows it, and ends with what it says alone.
func TestCommandsShowProgress(t *testing.T) {
	dir := t.TempDir()
	line := `{"v":1,"event":"other","start":"2026-11-24T09:00:00Z","host":"h","method":"GET","count":1,"bytes":1,"by_code":{},"run":"r1"}` + "\n"
	damaged := strings.Repeat("x", 16<<10-1) + "\n" // its bytes count, but nobody takes the time to read them
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.jsonl"), []byte(line+strings.Repeat(damaged, largeLog/len(damaged))), 0o600))
	for _, command := range []string{"check", "report", "deliveries", "replay"} {
		t.Run(command, func(t *testing.T) {
			var out, errs bytes.Buffer
			run(t.Context(), []string{command, dir}, world{stdout: &out, stderr: &errs, errorsAreSeen: true})
			require.Contains(t, errs.String(), "\r\x1b[Kreading: 100% of 32 MiB\r\x1b[Kread; looking at 0 attempts\r\x1b[K")
			require.NotContains(t, errs.String()[strings.LastIndex(errs.String(), clearLine)+len(clearLine):], "reading")
			require.NotContains(t, out.String(), "reading")

			errs.Reset()
			run(t.Context(), []string{command, dir}, world{stdout: &out, stderr: &errs})
			require.NotContains(t, errs.String(), clearLine)
		})
	}
}
