package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of `go test -json`: see `go doc test2json`, and `go help buildjson` for what a build writes.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Elapsed    float64
	Output     string
}

// tally counts tests and subtests, prints a line for each finished package, and all that a failed or skipped test printed.
type tally struct {
	out io.Writer
	counts
	packages map[string]*progress
}

// counts are numbers of tests and subtests.
type counts struct{ passed, failed, skipped int }

// since is what was counted after the counts before.
func (c counts) since(before counts) counts {
	return counts{c.passed - before.passed, c.failed - before.failed, c.skipped - before.skipped}
}

// progress is what is known of a package that is being tested.
type progress struct {
	output  map[string]*strings.Builder // by test; "" is the package's own
	running []string                    // tests begun and not ended, in the order begun
	passed  int
	failed  int
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, packages: map[string]*progress{}}
}

// read takes events until the end of r. A line that is no event is printed as it is.
func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			t.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *tally) line(line string) {
	var e event
	if json.Unmarshal([]byte(line), &e) != nil {
		fmt.Fprint(t.out, line)
		return
	}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(t.out, e.Output)
	case e.Action == "build-fail":
		// The packages that needed the build each get a fail event of their own.
	case e.Test != "":
		t.test(e)
	default:
		t.pkg(e)
	}
}

// test takes an event of one test or subtest.
func (t *tally) test(e event) {
	p := t.of(e.Package)
	switch e.Action {
	case "run":
		p.running = append(p.running, e.Test)
	case "output":
		p.write(e.Test, e.Output)
	case "pass":
		t.passed++
		p.passed++
		p.end(e.Test)
	case "fail":
		t.failed++
		p.failed++
		t.show("FAIL", e.Package, e.Test)
		p.end(e.Test)
	case "skip":
		t.skipped++
		t.show("SKIP", e.Package, e.Test)
		p.end(e.Test)
	}
}

// pkg takes an event of a package as a whole. Its "skip" means that it has no test files, which is nobody's skipped test.
func (t *tally) pkg(e event) {
	p := t.of(e.Package)
	switch e.Action {
	case "output":
		p.write("", e.Output)
	case "pass":
		fmt.Fprintf(t.out, "ok    %-50s %4d passed %7.1fs\n", e.Package, p.passed, e.Elapsed)
		delete(t.packages, e.Package)
	case "fail":
		t.failedPackage(e, p)
		delete(t.packages, e.Package)
	case "skip":
		delete(t.packages, e.Package)
	}
}

// failedPackage counts what no test event told: tests that a panic or a time-out took along, and a package that failed
// without any failed test (it does not build, TestMain failed, a race outside a test).
func (t *tally) failedPackage(e event, p *progress) {
	for _, test := range p.running {
		t.failed++
		p.failed++
		t.show("FAIL", e.Package, test)
	}
	if p.failed == 0 {
		t.failed++
		p.failed++
	}
	t.show("FAIL", e.Package, "")
	fmt.Fprintf(t.out, "FAIL  %-50s %4d failed %7.1fs\n", e.Package, p.failed, e.Elapsed)
}

// show prints all that a test printed, below a line that names it.
func (t *tally) show(what, pkg, test string) {
	output := t.packages[pkg].output[test]
	if output == nil {
		return
	}
	if test == "" {
		test = "(outside its tests)"
	}
	fmt.Fprintf(t.out, "--- %s: %s %s\n%s", what, pkg, test, output)
}

// close prints the last line. CI reads it.
func (t *tally) close() {
	fmt.Fprintf(t.out, "%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
}

func (t *tally) of(pkg string) *progress {
	p := t.packages[pkg]
	if p == nil {
		p = &progress{output: map[string]*strings.Builder{}}
		t.packages[pkg] = p
	}
	return p
}

func (p *progress) write(test, output string) {
	b := p.output[test]
	if b == nil {
		b = &strings.Builder{}
		p.output[test] = b
	}
	b.WriteString(output)
}

// end forgets a test and what it printed.
func (p *progress) end(test string) {
	delete(p.output, test)
	p.running = slices.DeleteFunc(p.running, func(name string) bool { return name == test })
}
