// Command faultline is a chaos proxy between Celery workers and the webhook endpoints that they call.
//
// This package is the operator's side: flags, text and exit codes. What happens to an attempt is in the packages beside it.
package main

import (
	"context"
	"os"
	_ "time/tzdata" // zones of scenarios, on machines without a zone database
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], world{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), isTerminal: isTerminal(os.Stdout), errorsAreSeen: isTerminal(os.Stderr),
	}))
}
