// Command gotest runs `go test` and counts honestly: a failed test, a package that does not build, a skipped test and a
// run without tests each fail it. It closes with one line, `812 passed, 0 failed, 0 skipped`. After `then` comes another run, which is made
// whatever the one before has shown, and counted with it.
//
//	go run ./scripts/gotest -race ./...
//	go run ./scripts/gotest -race ./... then -p 1 ./e2e/... then -C bench .
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run makes the runs that args ask for, one after the other, and returns the exit code: 0 only when each ran at least one test and all passed.
func run(args []string, stdout, stderr io.Writer) int {
	tally := newTally(stdout)
	code := 0
	for _, args := range runs(args) {
		code = max(code, goTest(args, tally, stderr))
	}
	tally.close()
	return code
}

// runs cuts args at each `then`.
func runs(args []string) [][]string {
	end := slices.Index(args, "then")
	if end < 0 {
		return [][]string{args}
	}
	return append([][]string{args[:end]}, runs(args[end+1:])...)
}

// goTest passes args to `go test -json`, counts in tally, and returns the exit code of this run.
func goTest(args []string, tally *tally, stderr io.Writer) int {
	cmd := exec.Command("go", asJSON(args)...)
	cmd.Stderr = stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		fmt.Fprintf(stderr, "gotest: piping the output of go test: %v\n", err)
		return 1
	}
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(stderr, "gotest: starting go test: %v\n", err)
		return 1
	}
	before := tally.counts
	readErr := tally.read(events)
	waitErr := cmd.Wait()
	return verdict(tally.since(before), readErr, waitErr, stderr)
}

// asJSON is args as those of `go test -json`; -C, for a module below, must stay first.
func asJSON(args []string) []string {
	folder := 0
	if len(args) > 1 && args[0] == "-C" {
		folder = 2
	}
	return slices.Concat([]string{"test"}, args[:folder], []string{"-json"}, args[folder:])
}

// verdict says on stderr what is wrong with a run beside its tests, which were counted.
func verdict(ran counts, readErr, waitErr error, stderr io.Writer) int {
	if readErr != nil {
		fmt.Fprintf(stderr, "gotest: reading the output of go test: %v\n", readErr)
		return 1
	}
	var exit *exec.ExitError
	if waitErr != nil && !(errors.As(waitErr, &exit) && ran.failed > 0) {
		fmt.Fprintf(stderr, "gotest: go test ended without naming a failed test: %v\n", waitErr)
		return 1
	}
	if ran.passed+ran.failed+ran.skipped == 0 {
		fmt.Fprintln(stderr, "gotest: no test was run")
		return 1
	}
	if ran.failed > 0 || ran.skipped > 0 {
		return 1
	}
	return 0
}
