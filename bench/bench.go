package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// A bench is where the parts measure: two cores, a folder, the programs.
type bench struct {
	settings
	ctx       context.Context
	dir       string // removed at the end
	self      string // this program
	proxyCore int    // for what is measured, alone
	otherCore int    // for the target and the senders
	started   []*process
	logs      map[string]madeLog // by name, made when they are first wanted
}

// newBench makes the folder, builds faultline on all cores, and then keeps to one.
func newBench(ctx context.Context, s settings) (*bench, error) {
	proxyCore, otherCore, err := cores()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	dir, err := os.MkdirTemp("", "faultline-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	b := &bench{settings: s, ctx: ctx, dir: dir, self: self, proxyCore: proxyCore, otherCore: otherCore, logs: map[string]madeLog{}}
	if err := b.build(); err != nil {
		b.close()
		return nil, err
	}
	// squid gives up root for a user of its own, who must get in.
	if err := os.Chmod(dir, 0o755); err != nil {
		b.close()
		return nil, fmt.Errorf("open the folder: %w", err)
	}
	if err := errors.Join(raiseDescriptors(), b.pinSelf()); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// pinSelf moves all threads of this program, which is the senders, to their core.
func (b *bench) pinSelf() error {
	out, err := exec.Command("taskset", "--all-tasks", "--pid", "--cpu-list", strconv.Itoa(b.otherCore), strconv.Itoa(os.Getpid())).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pin the senders to core %d: %w: %s", b.otherCore, err, out)
	}
	runtime.GOMAXPROCS(1)
	return nil
}

// build has faultline built, without the race detector, where none is given.
func (b *bench) build() error {
	if b.faultline != "" {
		return nil
	}
	b.faultline = filepath.Join(b.dir, "faultline")
	build := exec.CommandContext(b.ctx, "go", "build", "-o", b.faultline, "./cmd/faultline")
	build.Dir = b.root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build faultline in %q: %w: %s", b.root, err, out)
	}
	return nil
}

// close ends all that was started, and removes the folder.
func (b *bench) close() {
	b.stopAll()
	os.RemoveAll(b.dir)
}

func (b *bench) stopAll() {
	for _, p := range b.started {
		p.stop()
	}
	b.started = nil
}

// cores are the last and the first core that this process may run on: the same one where there is no other.
func cores() (last, first int, err error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return 0, 0, fmt.Errorf("ask for the cores: %w", err)
	}
	last, first = -1, -1
	for core := range len(set) * 64 {
		if !set.IsSet(core) {
			continue
		}
		if first < 0 {
			first = core
		}
		last = core
		if last != first {
			break
		}
	}
	return last, first, nil
}

// freeAddress is an address of this machine that nobody listened at a moment ago.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// file is the name of a file of the bench's folder, with that text.
func (b *bench) file(name, text string) (string, error) {
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return "", fmt.Errorf("write %q: %w", path, err)
	}
	return path, nil
}

// enoughDescriptors is for 10,000 connections, each with one to the target and those of the log beside them, and some more.
const enoughDescriptors = 65536

// raiseDescriptors lets this process and its children have enough descriptors, or as many as the machine allows.
func raiseDescriptors() error {
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: enoughDescriptors, Max: enoughDescriptors}) == nil {
		return nil // root may
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("ask how many descriptors there may be: %w", err)
	}
	limit.Cur = min(limit.Max, enoughDescriptors)
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
