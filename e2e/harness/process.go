package harness

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a program that a test started, in a process group of its own. It is ended with the test at the latest.
type Process struct {
	name           string
	cmd            *exec.Cmd
	stdout, stderr output
	done           chan struct{} // closed when it has ended and err is set
	err            error
}

// Run starts cmd, whose Stdout and Stderr must be unset. A failed test prints what it wrote.
func Run(t testing.TB, name string, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{name: name, cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.stdout, &p.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second // children that hold its pipes open do not hold us
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", name, err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.end(t)
		if t.Failed() {
			t.Logf("%s wrote:\n%s%s", name, p.Stdout(), p.Stderr())
		}
	})
	return p
}

// end asks the process to end, so that it can end what it started itself, and kills its group after a while. That it has ended already is
// the usual case.
func (p *Process) end(t testing.TB) {
	if !p.Ended() {
		p.send(t, syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(Patience):
			t.Errorf("%s did not end %v after SIGTERM", p.name, Patience)
		}
	}
	p.send(t, syscall.SIGKILL)
	<-p.done
}

// send sends a signal to the whole group. That nobody is left to get it is fine.
func (p *Process) send(t testing.TB, signal syscall.Signal) {
	if err := syscall.Kill(-p.cmd.Process.Pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Errorf("sending %v to %s: %v", signal, p.name, err)
	}
}

// Pid is its process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Stdout is what it wrote to its standard output so far.
func (p *Process) Stdout() string { return p.stdout.String() }

// Stderr is what it wrote to its standard error so far.
func (p *Process) Stderr() string { return p.stderr.String() }

// Signal sends it a signal; its children get none.
func (p *Process) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("sending %v to %s: %v", signal, p.name, err)
	}
}

// Ended reports whether it has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// ExitCode waits until it ends and returns its exit code; -1 when a signal ended it.
func (p *Process) ExitCode(t testing.TB) int {
	t.Helper()
	Until(t, p.name+" to end", Patience, p.Ended)
	return p.cmd.ProcessState.ExitCode()
}

// WaitFor waits until it wrote text, to either of its outputs.
func (p *Process) WaitFor(t testing.TB, text string) {
	t.Helper()
	written := func() bool {
		return strings.Contains(p.Stdout(), text) || strings.Contains(p.Stderr(), text)
	}
	Until(t, p.name+" to write "+text, Patience, func() bool { return written() || p.Ended() })
	if !written() {
		t.Fatalf("%s ended without writing %q: %v", p.name, text, p.err)
	}
}

// output is a buffer that may be read while it is written.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
