package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// A usage is what a command used from its start to its end.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // bytes in RAM
}

// runOnce runs a command to its end, on the core of what is measured. An exit code of 0 is right, and each of codes.
func (b *bench) runOnce(args []string, codes ...int) (usage, error) {
	if _, err := exec.LookPath(args[0]); err != nil {
		return usage{}, fmt.Errorf("%s: %w", filepath.Base(args[0]), errMissing)
	}
	cmd := exec.CommandContext(b.ctx, "taskset", append([]string{"--cpu-list", strconv.Itoa(b.proxyCore)}, args...)...)
	cmd.Dir = b.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start)
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(codes, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		return usage{}, fmt.Errorf("run %q: %w: %s", args, err, out[max(0, len(out)-2000):])
	}
	state := cmd.ProcessState
	used := usage{wall: wall, cpu: state.UserTime() + state.SystemTime()}
	if resources, ok := state.SysUsage().(*syscall.Rusage); ok {
		used.peak = resources.Maxrss << 10
	}
	return used, nil
}
