package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc/PID/stat: USER_HZ, which is 100 on every machine that Go runs on.
const tick = time.Second / 100

// stat is what of /proc/PID/stat is used (proc_pid_stat(5)).
type stat struct {
	parent int
	cpu    time.Duration // user and system time, of children that have ended, too
}

// parseStat reads a line of /proc/PID/stat. The program's name, in parentheses, may hold spaces and parentheses.
func parseStat(line string) (stat, error) {
	end := strings.LastIndexByte(line, ')')
	fields := strings.Fields(line[end+1:]) // the first is field 3 of the manual
	if end < 0 || len(fields) < 15 {
		return stat{}, fmt.Errorf("stat %q: too short", line)
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return stat{}, fmt.Errorf("stat %q: parent: %w", line, err)
	}
	s := stat{parent: parent}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("stat %q: time: %w", line, err)
		}
		s.cpu += time.Duration(ticks) * tick
	}
	return s, nil
}

// parseStatus reads the value in kB of a field of /proc/PID/status, as bytes.
func parseStatus(text, field string) (int64, error) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, field+":")
		if !ok {
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("status field %q: %w", field, err)
		}
		return kilobytes << 10, nil
	}
	return 0, fmt.Errorf("status has no field %q", field)
}

// family is a process and all below it, as far as they are alive.
func family(pid int) (map[int]stat, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	all := map[int]stat{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		s, err := parseStat(string(text))
		if err != nil {
			return nil, err
		}
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			return nil, err
		}
		all[id] = s
	}
	if _, alive := all[pid]; !alive {
		return nil, fmt.Errorf("process %d has ended", pid)
	}
	return below(pid, all), nil
}

// below is the part of all that pid is an ancestor of, with itself.
func below(pid int, all map[int]stat) map[int]stat {
	found := map[int]stat{pid: all[pid]}
	for grown := true; grown; {
		grown = false
		for id, s := range all {
			_, known := found[id]
			if _, ours := found[s.parent]; ours && !known {
				found[id], grown = s, true
			}
		}
	}
	return found
}

// cpuOf is what a process and those below it have used so far.
func cpuOf(pid int) (time.Duration, error) {
	all, err := family(pid)
	var sum time.Duration
	for _, s := range all {
		sum += s.cpu
	}
	return sum, err
}

// residentOf is the memory, in bytes, that a process and those below it have in RAM.
func residentOf(pid int) (int64, error) { return memoryOf(pid, "VmRSS") }

// memoryOf is the sum, in bytes, of a field of /proc/PID/status of a process and those below it.
func memoryOf(pid int, field string) (int64, error) {
	all, err := family(pid)
	if err != nil {
		return 0, err
	}
	var sum int64
	for id := range all {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
		if err != nil {
			return 0, fmt.Errorf("ask for memory: %w", err)
		}
		bytes, err := parseStatus(string(text), field)
		if err != nil {
			return 0, err
		}
		sum += bytes
	}
	return sum, nil
}

// isRunnable reports whether a thread of a process has a core, or waits for one.
func isRunnable(pid int) bool {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/[0-9]*/stat", pid))
	if err != nil {
		return false
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		if _, state, _ := strings.Cut(string(text), ") "); strings.HasPrefix(state, "R") {
			return true
		}
	}
	return false
}

// descriptorsOf is how many descriptors a process has open.
func descriptorsOf(pid int) (int, error) {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(entries), err
}
