// Command gotest runs `go test` and counts honestly: a failed test, a package that does not build, a skipped test and a
// run without tests each fail it. It closes with one line, `812 passed, 0 failed, 0 skipped`.
//
//	go run ./scripts/gotest -race ./...
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run passes args to `go test -json` and returns the exit code: 0 only when at least one test ran and all passed.
func run(args []string, stdout, stderr io.Writer) int {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
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

	tally := newTally(stdout)
	readErr := tally.read(events)
	waitErr := cmd.Wait()

	code := verdict(tally, readErr, waitErr, stderr)
	tally.close()
	return code
}

// verdict says on stderr what is wrong beside the tests that were counted.
func verdict(tally *tally, readErr, waitErr error, stderr io.Writer) int {
	if readErr != nil {
		fmt.Fprintf(stderr, "gotest: reading the output of go test: %v\n", readErr)
		return 1
	}
	var exit *exec.ExitError
	if waitErr != nil && !(errors.As(waitErr, &exit) && tally.failed > 0) {
		fmt.Fprintf(stderr, "gotest: go test ended without naming a failed test: %v\n", waitErr)
		return 1
	}
	if tally.passed+tally.failed+tally.skipped == 0 {
		fmt.Fprintln(stderr, "gotest: no test was run")
		return 1
	}
	if tally.failed > 0 || tally.skipped > 0 {
		return 1
	}
	return 0
}
