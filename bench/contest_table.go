package main

// contestTable is a contest as a table; the first contender is the one whose cost is set in relation to the others'.
func contestTable(name, title string, contenders []*contender) table {
	t := table{Name: name, Title: title, Columns: []column{
		{Name: "CPU", Unit: "µs per attempt", Digits: 1, Ratio: true},
		{Name: "attempts", Unit: "per second"},
		{Name: "p50", Unit: "ms", Digits: 2},
		{Name: "p99", Unit: "ms", Digits: 2},
		{Name: "RSS", Unit: "MiB"},
		{Name: "allocations", Unit: "per attempt"},
		{Name: "allocated", Unit: "KB per attempt", Digits: 1},
	}}
	for _, c := range contenders {
		t.Rows = append(t.Rows, row{Name: c.name, Missing: c.missing, Cells: c.cells()})
	}
	return t
}

// cells are its rounds, measure by measure. What it does not say of itself stays empty.
func (c *contender) cells() []spread {
	said := func(value float64) []float64 {
		if c.process == nil || c.process.metrics == "" {
			return nil
		}
		return []float64{value}
	}
	measures := make([][]float64, 7)
	add := func(at int, values ...float64) { measures[at] = append(measures[at], values...) }
	for _, r := range c.rounds {
		add(0, float64(r.cpu.Nanoseconds())/1000)
		add(1, r.perSecond)
		add(2, milliseconds(r.p50))
		add(3, milliseconds(r.p99))
		add(4, float64(r.resident)/(1<<20))
		add(5, said(r.allocs)...)
		add(6, said(r.bytes/1000)...)
	}
	var cells []spread
	for _, values := range measures {
		cells = append(cells, spreadOf(values))
	}
	return cells
}
