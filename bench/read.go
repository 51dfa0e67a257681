package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// read measures how long a large log takes to be judged and reported on, beside reading it with encoding/json and asking DuckDB.
func read(b *bench) ([]table, error) {
	made, err := b.makeLog("read", func(m madeLog) bool { return m.attempts >= b.attempts })
	if err != nil {
		return nil, err
	}
	readers := []struct {
		name string
		args []string
	}{
		{"faultline check", []string{b.faultline, "check", made.dir, "--json"}},
		{"faultline report", []string{b.faultline, "report", made.dir, "--json"}},
		{"encoding/json into a struct, by delivery", []string{b.self, "read", made.dir}},
		{"DuckDB, what report says first", []string{filepath.Join(b.dir, "duckdb"), made.dir}},
	}
	t := table{Name: "read", Title: fmt.Sprintf("Reading a log of %d attempts, %d MiB, on one core", made.attempts, made.bytes>>20), Columns: []column{
		{Unit: "s", Digits: 2, Ratio: true}, {Name: "attempts", Unit: "per second"}, {Name: "CPU", Unit: "s", Digits: 2}, {Name: "most memory", Unit: "MiB"},
	}}
	unbuilt := b.buildDuckDB()
	for _, reader := range readers {
		if filepath.Base(reader.args[0]) == "duckdb" && unbuilt != nil {
			t.Rows = append(t.Rows, row{Name: reader.name, Missing: errMissing.Error()})
			t.Notes = append(t.Notes, "DuckDB could not be built: "+unbuilt.Error())
			continue
		}
		used, err := b.runOnce(reader.args, 1, 3) // a verdict is no error
		if err != nil {
			return nil, err
		}
		values := []float64{used.wall.Seconds(), float64(made.attempts) / used.wall.Seconds(), used.cpu.Seconds(), float64(used.peak) / (1 << 20)}
		t.Rows = append(t.Rows, row{Name: reader.name, Cells: spreadsOf([][]float64{values}, len(t.Columns))})
		fmt.Fprintf(os.Stderr, "bench:   read: %s\n", reader.name)
	}
	return []table{t}, nil
}

// buildDuckDB builds the program beside this one that asks DuckDB: a module of its own, which needs a C++ compiler and a large download.
func (b *bench) buildDuckDB() error {
	build := exec.CommandContext(b.ctx, "go", "build", "-o", filepath.Join(b.dir, "duckdb"), ".")
	build.Dir = filepath.Join(b.root, "bench", "duckdb")
	out, err := build.CombinedOutput()
	if err == nil {
		return nil
	}
	return errors.New(string(out[:min(len(out), 200)]))
}
