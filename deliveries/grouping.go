package deliveries

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// grouping is a Group under way. Blocks of lines are read and packed by workers; what comes of them is taken in the order of the lines.
type grouping struct {
	Reading
	*Grouped
	into  *bins
	meter meter
	jobs  chan job
	spare []*load // to be filled again
}

// job is a block for a worker, and what comes of it.
type job struct {
	file, lines string
	into        *load
	done        chan struct{}
}

// readAll reads logs.
func (g *grouping) readAll(ctx context.Context, paths []string) error {
	all, bytes, err := inputs(paths)
	if err != nil {
		return err
	}
	g.meter = meter{all: bytes, tell: g.Progress}
	defer g.work()()
	for _, one := range all {
		g.Folders = append(g.Folders, one.folder)
		for _, segment := range one.segments {
			if err := g.segment(ctx, one.folder, segment); err != nil {
				return err
			}
		}
		one.folder.finish()
		g.newest = append(g.newest, one.folder.traces.newest())
		g.End = later(g.End, one.folder.traces.end())
	}
	g.meter.end()
	return nil
}

// work lets workers begin, and gives what ends them.
func (g *grouping) work() (end func()) {
	var all sync.WaitGroup
	g.jobs = make(chan job)
	workers := make([]*worker, runtime.GOMAXPROCS(0))
	for i := range workers {
		w := newWorker(i, g.into)
		workers[i] = w
		g.symbols = append(g.symbols, &w.symbols)
		all.Go(func() {
			for j := range g.jobs {
				w.read(j.file, j.lines, j.into)
				close(j.done)
			}
		})
	}
	return func() {
		close(g.jobs)
		all.Wait()
		g.Fired = make(map[string]int)
		for _, w := range workers {
			for rule, times := range w.fired {
				g.Fired[rule] += *times
			}
		}
	}
}

// segment reads a segment: it hands out blocks, and takes what came of the oldest when enough are under way.
func (g *grouping) segment(ctx context.Context, f *Folder, segment listed) error {
	file, err := openSegment(segment.path, g.meter.add)
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	defer func() { _ = file.Close() }() // was only read
	blocks := blockReader{r: untilDone{ctx, file}}
	var underWay []job
	lines := 0
	for err == nil {
		next := job{file: segment.path, into: g.load(), done: make(chan struct{})}
		if next.lines, err = blocks.next(next.into.block); err == nil {
			g.jobs <- next
			underWay = append(underWay, next)
		}
		for len(underWay) > 0 && (err != nil || len(underWay) > 2*len(g.symbols)) {
			<-underWay[0].done
			l := underWay[0].into
			if err := g.take(f, l, lines); err != nil {
				return err
			}
			underWay, lines = underWay[1:], lines+l.lines
			l.empty()
			g.spare = append(g.spare, l)
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("read log: %w", ctx.Err())
	}
	err = segment.end(lines, err)
	if bad := (*BadLine)(nil); errors.As(err, &bad) {
		f.unread(bad)
		return nil
	}
	return err
}

// load is an empty one.
func (g *grouping) load() *load {
	last := len(g.spare) - 1
	if last < 0 {
		return &load{block: make([]byte, blockSize)}
	}
	l := g.spare[last]
	g.spare = g.spare[:last]
	return l
}

// take takes what came of a block that began behind so many lines.
func (g *grouping) take(f *Folder, l *load, lines int) error {
	packed := l.packed
	for _, one := range l.items {
		steps := 0
		switch {
		case one.bad != nil:
			one.bad.Line += lines
			f.unread(one.bad)
			continue
		case one.kind == EventAttempt:
			g.Attempts++
			steps = f.traces.of(one.sign.run).attempt(one.sign)
		case one.kind == EventOpen:
			f.traces.of(one.sign.run).saw(one.sign.began)
		default:
			g.other(f, one.other)
			continue
		}
		if err := g.into.add(one.bin, steps, packed[:one.size]); err != nil {
			return err
		}
		packed = packed[one.size:]
	}
	return nil
}

// other takes a record that is not packed.
func (g *grouping) other(f *Folder, record Record) {
	switch r := record.(type) {
	case *Amend:
		g.amend(r)
		return
	case *Gap:
		f.Gaps = append(f.Gaps, r)
	}
	f.traces.saw(record)
	if g.Other != nil {
		g.Other(record)
	}
}

// amend holds an amend until its attempt is unpacked, and nothing of the line that it was in.
func (g *grouping) amend(r *Amend) {
	if g.amends == nil {
		g.amends = make(map[string]*Amend)
	}
	g.amends[strings.Clone(r.ID)] = &Amend{
		Outcome: Outcome(strings.Clone(string(r.Outcome))), End: End(strings.Clone(string(r.End))), EndedBy: Party(strings.Clone(string(r.EndedBy))),
	}
}
