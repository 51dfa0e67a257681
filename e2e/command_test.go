package e2e

import (
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// The worker that stands behind `--` finds every variable set that brings its traffic to faultline.
func TestCommandFindsTheProxyInItsEnvironment(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{
		Binary:   binaries.Race,
		Scenario: "[delivery]\nmatch.host = \"127.0.0.1\"\n",
		// Both would keep the worker's webhooks away from faultline; the second entry hides none and stays.
		Env:     []string{"NO_PROXY=127.0.0.1,intranet.test", "no_proxy=127.0.0.1,intranet.test", "HTTP_PROXY=http://192.0.2.1:1", "REQUEST_METHOD=GET"},
		Command: []string{"sh", "-c", `env; curl --silent --data '{}' ` + target.URL + `/hook; echo`},
	})
	require.Equal(t, 0, proxy.ExitCode(t))
	environment := strings.Split(proxy.Stdout(), "\n")

	for _, want := range []string{"HTTP_PROXY=", "http_proxy=", "HTTPS_PROXY=", "https_proxy="} {
		require.Contains(t, environment, want+proxy.URL)
	}
	for _, name := range []string{"NO_PROXY=", "no_proxy="} {
		value := valueOf(environment, name)
		require.Contains(t, value, "intranet.test")
		require.NotContains(t, value, "127.0.0.1")
	}
	require.Empty(t, valueOf(environment, "REQUEST_METHOD="), "with it, Python takes HTTP_PROXY for a header of CGI")
	require.Len(t, target.Seen(), 1)
	require.Len(t, proxy.Log.Attempts(t), 1)
}

// valueOf is the value of NAME= in a list of variables, "" when it is not set.
func valueOf(environment []string, name string) string {
	for _, variable := range environment {
		if value, found := strings.CutPrefix(variable, name); found {
			return value
		}
	}
	return ""
}

// faultline ends with its command, and as it did.
func TestExitCodeOfTheCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		command []string
		want    int
	}{
		{"fine", []string{"true"}, 0},
		{"its own code", []string{"sh", "-c", "exit 7"}, 7},
		{"ended by a signal, as a shell says it", []string{"sh", "-c", "kill -9 $$"}, 128 + int(syscall.SIGKILL)},
		{"no such program", []string{"/no/such/program"}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := harness.Launch(t, harness.Options{Binary: binaries.Race, Log: t.TempDir(), Command: test.command})

			require.Equal(t, test.want, p.ExitCode(t))
			requireNoTrace(t, p)
		})
	}
}

// A run of a command ends with the verdict on what it has sent: a command that has ended sends nothing any more.
func TestCommandEndsWithTheVerdict(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	post := "curl --silent --header 'Webhook-Id: wh_1' --data '{}' " + target.URL + "/hook"
	for _, test := range []struct{ name, command, want string }{
		{"given up", post, "\nFAIL  0 of 1 delivery arrived, 1 lost "},
		{"come again", post + "; " + post, "\nPASS  1 of 1 delivery arrived "},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy := harness.Start(t, harness.Options{
				Binary:   binaries.Race,
				Scenario: "[[rule]]\nname = \"down\"\nwhen.attempt = 1\nstatus = 503\n[expect]\ndelivered = 1\n",
				Command:  []string{"sh", "-c", test.command},
			})
			require.Equal(t, 0, proxy.ExitCode(t))
			require.Contains(t, proxy.Stdout(), test.want)
		})
	}
}

// A signal first lifts all faults and frees what is held, then reaches the worker: else Celery's warm shutdown waits for every hang.
func TestSignalFreesTheCommandFirst(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{
		Binary:   binaries.Race,
		Scenario: "[[rule]]\nname = \"held\"\nhang = true\n",
		// As a worker does: it takes the signal as a wish to end, and ends when its task has ended.
		Command: []string{"sh", "-c", `trap '' TERM; curl --silent --data '{}' ` + target.URL + `/hook; echo "curl ended $?"; exit 7`},
	})
	proxy.Log.WaitFor(t, "open", 1)

	proxy.Signal(t, syscall.SIGTERM)

	require.Equal(t, 7, proxy.ExitCode(t))
	require.Contains(t, proxy.Stdout(), "curl ended 56\n")
	attempts := proxy.Log.Attempts(t)
	require.Len(t, attempts, 1)
	require.Equal(t, "unanswered", attempts[0].Outcome)
}

// An interrupt that is sent to faultline alone reaches the worker, also where there is no terminal: a /dev/null is none.
func TestInterruptReachesTheCommand(t *testing.T) {
	t.Parallel()
	proxy := harness.Start(t, harness.Options{
		Binary: binaries.Race, Command: []string{"sh", "-c", "trap 'exit 7' INT; echo ready with $((6 * 7)); while :; do sleep 0.05; done"},
	})
	proxy.WaitFor(t, "ready with 42") // which does not stand in the command, for faultline shows that
	proxy.Signal(t, syscall.SIGINT)
	require.Equal(t, 7, proxy.ExitCode(t))
}
