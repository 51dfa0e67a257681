package deliveries

import "strings"

// worker reads blocks of lines, and packs the attempts in them. Several work at once, each with symbols of its own.
type worker struct {
	number  int
	bins    *bins
	lines   *lineReader
	parts   parts // of the line that is read
	codec   codec
	symbols symbols
	fired   map[string]*int // attempts, by rule
}

// load is what came of a block, in the order of its lines.
type load struct {
	block  []byte // where the lines stand
	lines  int
	items  []item
	packed []byte // the records of the items that have one, one behind the other
}

// empty makes it ready to be filled again.
func (l *load) empty() {
	clear(l.items)
	l.lines, l.items, l.packed = 0, l.items[:0], l.packed[:0]
}

// item is what came of a line.
type item struct {
	kind Event // of one about an attempt that is packed: attempt or open
	sign sign
	bin  int // where the record belongs
	size int // of the record

	other Record
	bad   *BadLine // by its number in the block
}

func newWorker(number int, into *bins) *worker {
	w := &worker{number: number, bins: into, lines: newLineReader(false), fired: make(map[string]*int)}
	w.codec.symbols = &w.symbols
	return w
}

// read fills a load with what comes of lines.
func (w *worker) read(file, lines string, into *load) {
	for text := range strings.Lines(lines) {
		into.lines++
		if strings.TrimSpace(text) != "" {
			into.items = append(into.items, w.line(into, line{file, into.lines, text}))
		}
	}
}

func (w *worker) line(into *load, l line) item {
	if w.lines.read(l.text, &w.parts) {
		return w.record(into, l, w.parts.record())
	}
	record, err := decode([]byte(l.text))
	if err != nil {
		return item{bad: l.bad(err)}
	}
	return w.record(into, l, record)
}

func (w *worker) record(into *load, l line, record Record) item {
	one := item{}
	w.codec.pack()
	switch r := record.(type) {
	case *Attempt:
		if r != &w.parts.Attempt {
			w.parts = parts{Attempt: *r}
		}
		for _, rule := range r.Rules {
			w.fire(rule)
		}
		one = item{kind: EventAttempt, sign: r.sign(), bin: w.bins.of(r.Delivery)}
		w.codec.head(&packedHead{packedAttempt, w.number, r.Delivery, r.Start})
		w.codec.attempt(&w.parts)
	case *Open:
		one = item{kind: EventOpen, sign: sign{run: r.Run, began: r.Start}, bin: w.bins.of(r.Delivery)}
		w.codec.head(&packedHead{packedOpen, w.number, r.Delivery, r.Start})
		w.codec.open(r)
	default:
		return item{other: record}
	}
	if w.codec.err != nil {
		return item{bad: l.bad(w.codec.err)}
	}
	one.size = len(w.codec.packed)
	into.packed = append(into.packed, w.codec.packed...)
	return one
}

// fire counts a rule, and holds nothing of the line that names it.
func (w *worker) fire(rule string) {
	times := w.fired[rule]
	if times == nil {
		times = new(int)
		w.fired[strings.Clone(rule)] = times
	}
	*times++
}
