// Package matrix proves that what a worker sees of a fault is what a really failing endpoint shows it: every fault kind in every form, in every placement,
// with six real clients, against a target that fails so by itself in the same run. docs/clients.json is made here.
//
// rows_*_test.go is the table of cases, differences_test.go the table of what a proxy cannot reach. No class of an error stands in the first one.
package matrix

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/faultline/faultline/e2e/harness"
)

var update = flag.Bool("update", false, "write goldens anew")

// binary is faultline with the race detector. It is built once, by TestMain, and only read after that.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "faultline-matrix-")
	if err != nil {
		fmt.Fprintf(os.Stderr, "making a folder for the binary: %v\n", err)
		return 1
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintf(os.Stderr, "removing the binary: %v\n", err)
		}
	}()
	// The parts of the matrix wait more than they work.
	if err := flag.Set("test.parallel", "8"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binary = filepath.Join(dir, "faultline")
	if err := harness.BuildRace(binary); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
