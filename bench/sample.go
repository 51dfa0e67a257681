package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A sample is what a process has used up to a moment.
type sample struct {
	cpu      time.Duration
	resident int64 // bytes
	memory   memory
}

// A memory is what a process says that it has allocated since its start; 0 where it does not say.
type memory struct {
	allocs, bytes float64
}

func (m memory) minus(other memory) memory {
	return memory{allocs: m.allocs - other.allocs, bytes: m.bytes - other.bytes}
}

// sampleBefore is one before a round, without what the process allocates to say how much it has allocated: it is asked twice, and that
// much is taken for said already.
func (p *process) sampleBefore() (sample, error) {
	first, err := p.memory()
	if err != nil {
		return sample{}, err
	}
	second, err := p.memory()
	if err != nil {
		return sample{}, err
	}
	saying := second.minus(first)
	cpu, err := cpuOf(p.pid())
	return sample{cpu: cpu, memory: memory{allocs: second.allocs + saying.allocs, bytes: second.bytes + saying.bytes}}, err
}

// sampleAfter is one after a round: the kernel is asked first, as asking the process costs it time.
func (p *process) sampleAfter() (sample, error) {
	cpu, err := cpuOf(p.pid())
	if err != nil {
		return sample{}, err
	}
	resident, err := residentOf(p.pid())
	if err != nil {
		return sample{}, err
	}
	said, err := p.memory()
	return sample{cpu: cpu, resident: resident, memory: said}, err
}

// memory asks the process.
func (p *process) memory() (memory, error) {
	if p.metrics == "" {
		return memory{}, nil
	}
	values, err := scrape(p.metrics)
	if err != nil {
		return memory{}, fmt.Errorf("ask %s for its memory: %w", p.name, err)
	}
	return memory{allocs: values["go_memstats_mallocs_total"], bytes: values["go_memstats_alloc_bytes_total"]}, nil
}

// scrape reads the metrics at a URL that have no labels.
func scrape(url string) (map[string]float64, error) {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", url, answer.Status)
	}
	return parseMetrics(answer.Body)
}

// parseMetrics reads Prometheus's text format as far as lines of a name and a value go.
func parseMetrics(text io.Reader) (map[string]float64, error) {
	values := map[string]float64{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), " ")
		if strings.HasPrefix(name, "#") || strings.ContainsRune(name, '{') {
			continue
		}
		value, err := strconv.ParseFloat(rest, 64)
		if err != nil {
			return nil, fmt.Errorf("metric %q: %w", lines.Text(), err)
		}
		values[name] = value
	}
	return values, lines.Err()
}
