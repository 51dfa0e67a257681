package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/faultline/faultline/analysis"
)

// quicklyJudged is how many bytes of log are judged before a command ends; a larger one is left to faultline check.
const quicklyJudged = 64 << 20

// sayVerdict ends the run of a COMMAND, which has a log of its own, with what the attempts in it say. A worker that has ended by itself will attempt nothing
// any more; one that was told to end has the rest in its queue.
func (p *station) sayVerdict() {
	dir := p.settings.logDir
	if size, err := sizeOf(dir); err != nil || size > quicklyJudged {
		p.term.say("\n  verdict: faultline check %s", dir)
		return
	}
	report, err := p.judge(dir)
	if err != nil {
		p.logger.Warn("no verdict", "log", dir, "error", err)
		return
	}
	if report.Attempts > 0 {
		p.term.say("\n%s", report.Text(dir))
	}
}

func (p *station) judge(dir string) (*analysis.Report, error) {
	l, err := readLogs(context.Background(), p.world, []string{dir})
	if err != nil {
		return nil, err
	}
	defer l.close()
	q, err := l.question("", &settleFlag{}, 0, p.world)
	if err != nil {
		return nil, err
	}
	q.Ended = !p.interrupted
	return l.judge(&l.log, q)
}

// sizeOf is how many bytes the files of a folder have.
func sizeOf(dir string) (size int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		info, err := os.Stat(filepath.Join(dir, entry.Name()))
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, nil
}
