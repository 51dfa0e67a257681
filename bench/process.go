package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// errMissing is a program that this machine does not have.
var errMissing = errors.New("not on this machine")

// A process is one that this program has started, on one core.
type process struct {
	name    string
	address string // where it listens
	metrics string // URL of its memory statistics, if it has them
	cmd     *exec.Cmd
	ended   chan struct{} // closed when it has
	output  string        // file of what it printed
}

// A command is how a process is started.
type command struct {
	name    string
	core    int
	address string
	metrics string
	args    []string // the program first
	env     []string // beside this process's own
}

// start runs a command until it listens. It is ended with the bench, at the latest with this process.
func (b *bench) start(c command) (*process, error) {
	if _, err := exec.LookPath(c.args[0]); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(c.args[0]), errMissing)
	}
	output, err := os.Create(filepath.Join(b.dir, c.name+".out"))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	defer output.Close()
	cmd := exec.Command("taskset", append([]string{"--cpu-list", strconv.Itoa(c.core)}, c.args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.dir, output, output
	cmd.Env = append(os.Environ(), append([]string{"HTTP_PROXY=", "http_proxy=", "HTTPS_PROXY=", "https_proxy="}, c.env...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	p := &process{name: c.name, address: c.address, metrics: c.metrics, cmd: cmd, ended: make(chan struct{}), output: output.Name()}
	go func() {
		cmd.Wait()
		close(p.ended)
	}()
	b.started = append(b.started, p)
	return p, p.awaitListening(b)
}

// awaitListening waits until its address takes a connection.
func (p *process) awaitListening(b *bench) error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		conn, err := net.DialTimeout("tcp", p.address, time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.ended:
			return p.failed("has ended at its start")
		case <-b.ctx.Done():
			return b.ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return p.failed("does not listen at " + p.address)
}

// failed is an error with what the process printed last.
func (p *process) failed(how string) error {
	text, err := os.ReadFile(p.output)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s %s: %s", p.name, how, text[max(0, len(text)-2000):])
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends it: politely at first.
func (p *process) stop() {
	syscall.Kill(-p.pid(), syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(5 * time.Second):
		syscall.Kill(-p.pid(), syscall.SIGKILL)
		<-p.ended
	}
}

// settle waits until the process has finished what its attempts left behind (a log to compress, say), so that it is counted: until it
// uses no more than a twentieth of a core, and none of its threads waits for one, for 10 s at the longest.
func (p *process) settle() error {
	const look = 200 * time.Millisecond
	before, err := cpuOf(p.pid())
	for range 50 {
		if err != nil {
			return err
		}
		time.Sleep(look)
		now, err := cpuOf(p.pid())
		if err != nil {
			return err
		}
		if now-before <= tick && !isRunnable(p.pid()) {
			return nil
		}
		before = now
	}
	return nil
}
