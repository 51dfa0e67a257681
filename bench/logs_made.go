package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// A madeLog is a delivery log of many attempts: one that faultline wrote, over and over, each time with other keys, ids and times.
type madeLog struct {
	dir        string
	attempts   int
	deliveries int
	bytes      int64
}

// makeLog makes a log until enough says so, or takes the one that was made before.
func (b *bench) makeLog(name string, enough func(madeLog) bool) (madeLog, error) {
	if made, ok := b.logs[name]; ok {
		return made, nil
	}
	lines, err := b.writtenLog()
	if err != nil {
		return madeLog{}, err
	}
	made := madeLog{dir: filepath.Join(b.dir, name)}
	if err := os.Mkdir(made.dir, 0o700); err != nil {
		return made, err
	}
	out := &segments{dir: made.dir, first: lines[0]}
	copying := copier{}
	for !enough(made) {
		for _, line := range lines[1:] {
			n, err := out.write(copying.line(line))
			if err != nil {
				return made, fmt.Errorf("make a log: %w", err)
			}
			made.bytes += int64(n)
			made.attempts++
		}
		made.deliveries += writtenDeliveries
		copying.round++
	}
	b.logs[name] = made
	return made, out.close()
}

// writtenDeliveries is how many deliveries writtenLog has.
const writtenDeliveries = 5000

// writtenLog is what faultline wrote of deliveries, a tenth of whose attempts failed, which a sender tried again: its run line, then attempts.
func (b *bench) writtenLog() ([][]byte, error) {
	target, err := b.startTarget()
	if err != nil {
		return nil, err
	}
	defer target.stop()
	listen, admin, err := twoAddresses()
	if err != nil {
		return nil, err
	}
	scenario, err := b.file("written.toml", tenth().text())
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, "written-")
	if err != nil {
		return nil, err
	}
	if _, err := b.runOnce([]string{b.faultline, "proxy", scenario, "--listen", listen, "--admin", admin, "--log", dir, "--quiet", "--",
		b.faultline, "send", "http://" + target.address + "/claims/7", "--quiet", "--count", strconv.Itoa(writtenDeliveries), "--concurrency", "32", "--retry", "constant 10ms 12"}); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*", "*.jsonl"))
	if err != nil || len(names) != 1 {
		return nil, fmt.Errorf("a log that was just written has segments %q, not one", names)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		return nil, fmt.Errorf("read a log that was just written: %w", err)
	}
	var lines [][]byte
	for line := range bytes.Lines(text) {
		if len(lines) == 0 || bytes.Contains(line, []byte(`"event":"attempt"`)) {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// segments is a log's folder that is filled; each segment begins with the run line.
type segments struct {
	dir    string
	first  []byte
	number int
	file   *os.File
	out    *bufio.Writer
	size   int
}

// segmentSize is log.segment's default.
const segmentSize = 64 << 20

func (s *segments) write(line []byte) (int, error) {
	if s.file == nil || s.size >= segmentSize {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	s.size += len(line)
	return s.out.Write(line)
}

func (s *segments) next() error {
	if err := s.close(); err != nil {
		return err
	}
	s.number++
	file, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("%06d.jsonl", s.number)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	s.file, s.out, s.size = file, bufio.NewWriterSize(file, 1<<20), len(s.first)
	_, err = s.out.Write(s.first)
	return err
}

func (s *segments) close() error {
	if s.file == nil {
		return nil
	}
	if err := s.out.Flush(); err != nil {
		return err
	}
	return s.file.Close()
}

// A copier makes other attempts of the same lines, round by round.
type copier struct {
	round int
	seq   int
}

// line is an attempt with what tells it from others changed: of another delivery and key, later, with the next number.
func (c *copier) line(line []byte) []byte {
	c.seq++
	mark := fmt.Sprintf("%06x", c.round)
	marked := func(old string) string { return mark + old[min(len(mark), len(old)):] }
	line = changed(line, `"delivery":"`, `"`, marked)
	line = changed(line, `"start":"`, `"`, func(old string) string {
		start, err := time.Parse(time.RFC3339Nano, old)
		if err != nil {
			return old
		}
		return start.Add(time.Duration(c.round) * 10 * time.Second).Format(time.RFC3339Nano)
	})
	line = changed(line, `"key":"`, `"`, func(old string) string { return old + "-" + mark })
	line = changed(line, `"id":"`, `"`, func(old string) string { return old[:len(old)-min(len(mark), len(old))] + mark })
	return changed(line, `"seq":`, `,`, func(string) string { return strconv.Itoa(c.seq) })
}

// changed is a line with the first text between two others changed; the line itself where they are not in it.
func changed(line []byte, before, after string, change func(string) string) []byte {
	at := bytes.Index(line, []byte(before))
	if at < 0 {
		return line
	}
	at += len(before)
	end := bytes.Index(line[at:], []byte(after))
	if end < 0 {
		return line
	}
	var out bytes.Buffer
	out.Grow(len(line) + 16)
	out.Write(line[:at])
	io.WriteString(&out, change(string(line[at:at+end])))
	out.Write(line[at+end:])
	return out.Bytes()
}
