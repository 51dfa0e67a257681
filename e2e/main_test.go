// Package e2e tests faultline from outside, as its users meet it: the built program, between real senders and real targets.
//
// It needs what scripts/install-test-tools.sh installs. Each file answers one question of the contract; harness/ starts the programs.
package e2e

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/faultline/faultline/e2e/harness"
)

// binaries are built once, by TestMain, and only read after that.
var binaries harness.Binaries

func TestMain(m *testing.M) {
	if url, isClient := harness.AskedToPost(os.Args); isClient {
		os.Exit(harness.PostFromEnvironment(url))
	}
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "faultline-e2e-")
	if err != nil {
		fmt.Fprintf(os.Stderr, "making a folder for the binaries: %v\n", err)
		return 1
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintf(os.Stderr, "removing the binaries: %v\n", err)
		}
	}()
	// Most tests that run beside others wait more than they work.
	if err := flag.Set("test.parallel", "4"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binaries, err = harness.Build(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// start starts faultline, the race detector on, with a scenario ("": none).
func start(t *testing.T, scenario string) *harness.Faultline {
	t.Helper()
	return harness.Start(t, harness.Options{Binary: binaries.Race, Scenario: scenario})
}
