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
	allocs   int64 // allocations since its start; 0 where it does not say
	bytes    int64 // allocated since its start; 0 where it does not say
}

// sample asks the kernel, and the process itself for what only it knows.
func (p *process) sample() (sample, error) {
	var s sample
	if p.metrics != "" {
		values, err := scrape(p.metrics)
		if err != nil {
			return s, fmt.Errorf("ask %s for its memory: %w", p.name, err)
		}
		s.allocs, s.bytes = int64(values["go_memstats_mallocs_total"]), int64(values["go_memstats_alloc_bytes_total"])
	}
	var err error
	if s.cpu, err = cpuOf(p.pid()); err != nil {
		return s, err
	}
	s.resident, err = residentOf(p.pid())
	return s, err
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
