package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// startup measures how long faultline takes from its start to its first answer, with a log that it goes on with.
func startup(b *bench) ([]table, error) {
	defer b.stopAll()
	made, err := b.makeLog("gibibyte", func(m madeLog) bool { return m.bytes >= 1<<30 })
	if err != nil {
		return nil, err
	}
	target, err := b.startTarget()
	if err != nil {
		return nil, err
	}
	t := table{Name: "startup", Title: "From the start to the first answer", Columns: []column{
		{Name: "first answer after", Unit: "s", Digits: 2}, {Name: "CPU", Unit: "s", Digits: 2}, {Name: "RSS when settled", Unit: "MiB"},
	}}
	for _, start := range []struct {
		name string
		log  string
	}{
		{"no log yet", ""},
		{fmt.Sprintf("a log of 1 GiB, %d attempts", made.attempts), made.dir},
	} {
		var rounds [][]float64
		for range min(b.rounds, 3) {
			values, err := b.startOn(start.log, target.address)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", start.name, err)
			}
			rounds = append(rounds, values)
		}
		t.Rows = append(t.Rows, row{Name: start.name, Cells: spreadsOf(rounds, len(t.Columns))})
	}
	return []table{t}, nil
}

// startOn starts faultline once on a copy of a log, and has an attempt answered.
func (b *bench) startOn(log, target string) ([]float64, error) {
	dir, err := b.copyOf(log)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	begun := time.Now()
	process, err := faultlineAs("faultline-startup", b.faultline, usual(), "--log", dir)(b, target)
	if err != nil {
		return nil, err
	}
	defer process.stop()
	s := newSender(load{proxy: process.address, senders: 1, url: "http://" + target + "/claims/7", host: target, keys: 1}, 0)
	if err := s.dial(); err != nil {
		return nil, err
	}
	defer s.hangUp()
	// The listener is there before the log is read.
	if err := s.conn.SetDeadline(begun.Add(10 * time.Minute)); err != nil {
		return nil, err
	}
	if err := s.attempt(); err != nil {
		return nil, err
	}
	after := time.Since(begun)
	if err := process.settle(); err != nil {
		return nil, err
	}
	used, err := process.sampleAfter()
	return []float64{after.Seconds(), used.cpu.Seconds(), float64(used.resident) / (1 << 20)}, err
}

// copyOf is a folder with the segments of a log: links, as they are only read, but for the last, which is written to.
func (b *bench) copyOf(log string) (string, error) {
	dir, err := os.MkdirTemp(b.dir, "startup-log-")
	if err != nil || log == "" {
		return dir, err
	}
	names, err := filepath.Glob(filepath.Join(log, "*.jsonl"))
	if err != nil {
		return "", err
	}
	for i, name := range names {
		place := filepath.Join(dir, filepath.Base(name))
		if i < len(names)-1 {
			err = os.Link(name, place)
		} else {
			err = copyFile(name, place)
		}
		if err != nil {
			return "", fmt.Errorf("copy a log: %w", err)
		}
	}
	return dir, nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}
