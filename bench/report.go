package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A report is all that a run found.
type report struct {
	Machine machine `json:"machine"`
	Tables  []table `json:"tables"`
}

// put takes a table in place of the one of its name, or after all others.
func (r *report) put(t table) {
	at := slices.IndexFunc(r.Tables, func(other table) bool { return other.Name == t.Name })
	if at < 0 {
		r.Tables = append(r.Tables, t)
		return
	}
	r.Tables[at] = t
}

// tablesOf are those of a report that was written before; none without a name or a file.
func tablesOf(name string) ([]table, error) {
	text, err := os.ReadFile(name)
	if name == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the results before these: %w", err)
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("decode %q: %w", name, err)
	}
	return r.Tables, nil
}

// A machine is where it was found.
type machine struct {
	CPU       string  `json:"cpu"`
	Cores     int     `json:"cores"`
	Kernel    string  `json:"kernel"`
	Go        string  `json:"go"`
	MemoryGiB float64 `json:"memory_gib"`
	ProxyCore int     `json:"proxy_core"`
	OtherCore int     `json:"other_core"` // of the target and the senders
}

func thisMachine(b *bench) machine {
	m := machine{
		CPU: cpuModel(), Cores: runtime.NumCPU(), Go: runtime.Version(), ProxyCore: b.proxyCore, OtherCore: b.otherCore,
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		m.Kernel = unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:])
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		m.MemoryGiB = float64(uint64(info.Totalram)*uint64(info.Unit)) / (1 << 30)
	}
	return m
}

// cpuModel is what the kernel calls the processor; empty where it does not say.
func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// loadAverage is how many processes wanted a core in the last minute, on average.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	var average float64
	fmt.Sscan(string(text), &average)
	return average
}

// writeJSON writes it to a file; nowhere without a name.
func (r report) writeJSON(name string) error {
	if name == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the results: %w", err)
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}

// writeMarkdown writes it to a file as a page; nowhere without a name.
func (r report) writeMarkdown(name string) error {
	if name == "" {
		return nil
	}
	return os.WriteFile(name, []byte(r.page()), 0o644)
}

// page is the report as Markdown.
func (r report) page() string {
	m := r.Machine
	var out strings.Builder
	out.WriteString("# Benchmarks\n\n")
	out.WriteString("The last run of `make bench`, which writes this page anew. Medians of interleaved rounds, with the least and the most of them; a ratio is the median of those of each round; every answer was checked.\n")
	out.WriteString("A load average above 1 before a part says that others were at work on the machine: rates and latencies suffer from that, CPU per attempt less, ratios least.\n\n")
	fmt.Fprintf(&out, "- %s, %d cores, %.0f GiB; %s; %s\n", m.CPU, m.Cores, m.MemoryGiB, m.Kernel, m.Go)
	fmt.Fprintf(&out, "- what is measured runs on core %d, the target and the senders on core %d\n", m.ProxyCore, m.OtherCore)
	if m.ProxyCore == m.OtherCore {
		out.WriteString("- **one core for all**: attempts per second and latencies are those of proxy, target and senders together\n")
	}
	for _, t := range r.Tables {
		out.WriteString("\n" + t.markdown())
	}
	return out.String()
}
