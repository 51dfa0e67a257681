package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// TestReadmeStepByStep runs what the README tells its readers to run, step by step, on ports of its own: a receiver, the API without a webhook and with one, the same with
// Celery. The verdict names the bug, in the README's words, and with the mend it is a pass.
func TestReadmeStepByStep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	api, endpoint, redis := harness.FreePort(t), harness.FreePort(t), harness.FreePort(t)
	ports := strings.NewReplacer("8000", api, "9001", endpoint)
	require.NoError(t, os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("../examples")))
	for _, name := range []string{"claims.py", "claims.toml"} {
		replaceIn(t, filepath.Join(dir, "examples", name), ports)
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o755))
	require.NoError(t, os.Symlink(binaries.Race, filepath.Join(dir, "bin", "faultline")))
	env := append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":/usr/bin:"+os.Getenv("PATH"), "FAULTLINE_PORT="+endpoint, "BROKER=redis://127.0.0.1:"+redis+"/0",
		"GORACE=atexit_sleep_ms=100", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1")
	inShell := func(line string) *exec.Cmd {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir, cmd.Env = dir, env
		return cmd
	}
	// serve starts what a reader leaves running in a terminal, run what ends by itself.
	serve := func(line, ready string) *harness.Process {
		p := harness.Run(t, line, inShell("exec "+line))
		if ready != "" {
			p.WaitFor(t, ready)
		}
		return p
	}
	run := func(line string) (string, int) {
		cmd := inShell(line)
		out, err := cmd.CombinedOutput()
		t.Logf("%s\n%s", line, out)
		if err != nil {
			require.IsType(t, new(exec.ExitError), err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}

	steps, shown := readmeSteps(t, ports)
	require.Len(t, steps, 6)
	serve(steps[0], "receives at")
	out, code := run(steps[1])
	require.Equal(t, 1, code)
	requireShown(t, shown, out)
	out, code = run(steps[2])
	require.Zero(t, code)
	require.Contains(t, out, `"received":`)
	require.Contains(t, out, "webhook_data_")

	serve(steps[3]+" --port "+redis, "Ready to accept connections")
	withBug := serve(steps[4], "")
	celery := strings.Replace(steps[5], "trial", "trial --skip-baseline", 1) // a start of a worker less
	out, code = run(celery)
	require.Equal(t, 1, code)
	requireShown(t, shown, out)

	withBug.Signal(t, syscall.SIGTERM)
	withBug.ExitCode(t)
	env = append(env, "MENDED=1")
	serve(steps[4], "")
	out, code = run(celery)
	require.Zero(t, code)
	require.Contains(t, out, "PASS  1 of 1 delivery arrived")
}

// readmeSteps are the commands of the README's steps, and what it shows of the verdict.
func readmeSteps(t *testing.T, ports *strings.Replacer) (commands []string, shown string) {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "## Step by step")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	for i, block := range strings.Split(section, "```") {
		if code, isShell := strings.CutPrefix(block, "sh\n"); isShell {
			commands = append(commands, strings.Split(strings.TrimSpace(ports.Replace(code)), "\n")...)
		} else if i%2 == 1 {
			shown = block
		}
	}
	return commands, shown
}

// requireShown holds a verdict against the one that the README shows, times and numbers of the run aside.
func requireShown(t *testing.T, shown, out string) {
	t.Helper()
	require.Contains(t, out, "api: without a webhook 201 in ")
	require.Contains(t, out, "FAIL  0 of 1 delivery arrived, 1 lost")
	for line := range strings.Lines(shown) {
		if strings.HasPrefix(line, "  ") {
			require.Contains(t, out, line)
		}
	}
}

func replaceIn(t *testing.T, file string, replaced *strings.Replacer) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(replaced.Replace(string(text))), 0o600))
}
