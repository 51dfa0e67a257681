package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// startup measures how long faultline takes from its start to its first answer with a log that it goes on with, and what it remembers of it.
func startup(b *bench) ([]table, error) {
	target, err := b.startTarget()
	if err != nil {
		return nil, err
	}
	defer target.stop()
	t := table{Name: "startup", Title: "From the start to the first answer, and the deliveries that are remembered", Columns: []column{
		{Name: "first answer after", Unit: "s", Digits: 2}, {Name: "CPU", Unit: "s", Digits: 2}, {Name: "RSS when settled", Unit: "MiB"},
		{Name: "most RSS", Unit: "MiB"}, {Name: "deliveries"},
	}}
	for _, gib := range []float64{0, b.gib / 4, b.gib} {
		var made madeLog
		if gib > 0 {
			if made, err = b.makeLog(fmt.Sprintf("startup-%g", gib), func(m madeLog) bool { return float64(m.bytes) >= gib*(1<<30) }); err != nil {
				return nil, err
			}
		}
		var rounds [][]float64
		for range min(b.rounds, 3) {
			values, err := b.startOn(made.dir, target.address)
			if err != nil {
				return nil, fmt.Errorf("a log of %g GiB: %w", gib, err)
			}
			rounds = append(rounds, append(values, float64(made.deliveries)))
		}
		r := row{Name: fmt.Sprintf("a log of %g GiB, %d attempts", gib, made.attempts), Cells: spreadsOf(rounds, len(t.Columns))}
		if gib == 0 {
			r.Name = "no log yet"
		}
		t.Rows = append(t.Rows, r)
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
	scenario := usual()
	scenario.more = "\n[limits]\ndeliveries = 20000000\n"
	process, err := faultlineAs("faultline-startup", b.faultline, scenario, "--log", dir)(b, target)
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
	if err != nil {
		return nil, err
	}
	most, err := memoryOf(process.pid(), "VmHWM")
	return []float64{after.Seconds(), used.cpu.Seconds(), float64(used.resident) / (1 << 20), float64(most) / (1 << 20)}, err
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
