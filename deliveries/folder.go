package deliveries

// Folder is what a log, a folder or a single file, holds besides its deliveries.
type Folder struct {
	Path   string
	Oldest int        // number of its oldest segment: above 1, older ones were removed (log.keep); 0: it has none with a number
	Absent []int      // numbers of segments that are missing behind it
	Runs   []*Trace   // in the order in which they first appeared
	Gaps   []*Gap     // records that could not be written
	Unread int        // lines that could not be read
	Bad    []*BadLine // the first 100 of them

	traces traces
}

// mostBad is how many lines that could not be read are held.
const mostBad = 100

func newFolder(path string, segments []listed) *Folder {
	f := &Folder{Path: path}
	next := 0
	for _, s := range numbered(segments) {
		if f.Oldest == 0 {
			f.Oldest, next = s.number(), s.number()
		}
		for ; next < s.number() && len(f.Absent) < mostBad; next++ {
			f.Absent = append(f.Absent, next)
		}
		next = s.number() + 1
	}
	return f
}

func (f *Folder) unread(line *BadLine) {
	f.Unread++
	if len(f.Bad) < mostBad {
		f.Bad = append(f.Bad, line)
	}
}

// Lost is how many records are missing, as far as the log tells: lines that could not be read, records that could not be written, holes in the numbers of
// attempts. One record may count twice.
func (f *Folder) Lost() uint64 {
	lost := uint64(f.Unread)
	for _, gap := range f.Gaps {
		lost += gap.Records
	}
	for _, run := range f.Runs {
		lost += run.Lost
	}
	return lost
}

// finish sets what is known when all lines were read.
func (f *Folder) finish() {
	f.Runs = f.traces.all
	for i, run := range f.Runs {
		run.finish(f.Oldest > 1 && i == 0)
	}
}
