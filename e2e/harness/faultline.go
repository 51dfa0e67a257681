package harness

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Options say how `faultline proxy` is started. The zero value of all but Binary is fine: no scenario, a new log folder.
type Options struct {
	Binary   string
	Scenario string   // TOML text; "" is no scenario
	File     string   // the scenario's file, in place of its text
	Dir      string   // the folder that it runs in; "" is the test's own
	Log      string   // the log folder; "" is a new one
	Flags    []string // beside --listen, --admin, --log, --ready-file
	Env      []string // added to the test's own
	Command  []string // what stands behind --
}

// Faultline is a running `faultline proxy`.
type Faultline struct {
	*Process
	URL      string   // of the proxy: http://127.0.0.1:PORT
	Admin    string   // of the admin listener, likewise
	Gateways []string // likewise, in their order
	Log      Log
}

// Start starts faultline on free ports and waits until it is ready. The test fails when faultline ends before that, and, at its end, when
// the race detector had something to say.
func Start(t testing.TB, o Options) *Faultline {
	t.Helper()
	if o.Log == "" {
		o.Log = t.TempDir()
	}
	ready := filepath.Join(t.TempDir(), "ready.json")
	f := &Faultline{Process: Launch(t, o, "--ready-file", ready), Log: Log{Dir: o.Log}}

	var addresses struct {
		Listen, Admin string
		Gateways      []struct{ Listen string }
	}
	Until(t, "faultline to be ready", Patience, func() bool {
		ended := f.Ended() // asked first: a COMMAND may be over before we look, and was ready all the same
		if readJSON(t, ready, &addresses) {
			return true
		}
		if ended {
			t.Fatalf("faultline ended before it was ready, exit code %d:\n%s", f.ExitCode(t), f.Stderr())
		}
		return false
	})
	f.URL, f.Admin = "http://"+addresses.Listen, "http://"+addresses.Admin
	for _, gateway := range addresses.Gateways {
		f.Gateways = append(f.Gateways, "http://"+gateway.Listen)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log's end:\n%s", last(f.Log.Text(t), 100_000))
		}
	})
	return f
}

// last is the end of a text that may be too long to be read.
func last(text string, length int) string { return text[max(0, len(text)-length):] }

// Launch starts `faultline proxy` with the options and further flags, and does not wait for anything.
func Launch(t testing.TB, o Options, flags ...string) *Process {
	t.Helper()
	args := []string{"proxy"}
	switch {
	case o.File != "":
		args = append(args, o.File)
	case o.Scenario != "":
		args = append(args, scenarioFile(t, o.Scenario))
	}
	args = append(args, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log", o.Log)
	args = append(args, o.Flags...)
	args = append(args, flags...)
	if len(o.Command) > 0 {
		args = append(append(args, "--"), o.Command...)
	}
	cmd := exec.Command(o.Binary, args...)
	// By its default the race detector sleeps for a second at every exit, so that other threads can still report.
	cmd.Env = append(append(os.Environ(), "GORACE=atexit_sleep_ms=100"), o.Env...)
	cmd.Dir = o.Dir
	p := Run(t, "faultline", cmd)
	t.Cleanup(func() {
		if strings.Contains(p.Stderr(), "DATA RACE") {
			t.Errorf("the race detector found something:\n%s", p.Stderr())
		}
	})
	return p
}

// Stop sends SIGTERM and waits for the exit code, which must be 0.
func (f *Faultline) Stop(t testing.TB) {
	t.Helper()
	f.Signal(t, syscall.SIGTERM)
	if code := f.ExitCode(t); code != 0 {
		t.Fatalf("faultline stopped with exit code %d:\n%s", code, f.Stderr())
	}
}

func scenarioFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scenario.toml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// readJSON reads a file that may not be there yet.
func readJSON(t testing.TB, file string, into any) bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return json.Unmarshal(text, into) == nil
}
