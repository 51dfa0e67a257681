package deliveries

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// gathered is what a bin holds of one delivery.
type gathered struct {
	gatheredHead
	records []string // as they came, with their steps and lengths
	size    int      // of all of them
}

// gatheredHead is what stands before the records of a delivery.
type gatheredHead struct {
	start time.Time // the earliest of its attempts
	id    string
	count int // of its records
}

// compare puts deliveries into the order in which they began.
func (g *gatheredHead) compare(other *gatheredHead) int {
	if order := g.start.Compare(other.start); order != 0 {
		return order
	}
	return cmp.Compare(g.id, other.id)
}

func (c *codec) gatheredHead(h *gatheredHead) {
	c.time(&h.start)
	c.string(&h.id)
	c.int(&h.count)
}

// sortRecords puts what a bin holds into the order of its deliveries: of each the length of what follows, its head, and its records.
func sortRecords(pieces []string) string {
	var into gathering
	for _, text := range pieces {
		into.gather(text)
	}
	all := into.all
	slices.SortFunc(all, func(a, b *gathered) int { return a.compare(&b.gatheredHead) })
	var sorted strings.Builder
	sorted.Grow(into.size + 64*len(all))
	var head, length codec
	for _, g := range all {
		head.pack()
		head.gatheredHead(&g.gatheredHead)
		size := uint64(len(head.packed) + g.size)
		length.pack()
		length.number(&size)
		sorted.Write(length.packed)
		sorted.Write(head.packed)
		for _, record := range g.records {
			sorted.WriteString(record)
		}
	}
	return sorted.String()
}

// gathering puts the records of each delivery together.
type gathering struct {
	all  []*gathered
	byID map[string]*gathered
	size int // of all records
}

func (into *gathering) gather(text string) {
	into.size += len(text)
	for c := unpack(nil, text); c.at < len(text); {
		var steps, size uint64
		var h packedHead
		begin := c.at
		c.number(&steps)
		c.number(&size)
		end := c.at + int(size)
		c.head(&h)
		c.at = end
		g := into.of(&h)
		if h.start.Before(g.start) {
			g.start = h.start
		}
		g.records = append(g.records, text[begin:end])
		g.size += end - begin
		g.count++
	}
}

func (into *gathering) of(h *packedHead) *gathered {
	g := into.byID[h.delivery]
	if g != nil {
		return g
	}
	if into.byID == nil {
		into.byID = make(map[string]*gathered)
	}
	g = &gathered{gatheredHead: gatheredHead{start: h.start, id: h.delivery}}
	into.byID[h.delivery] = g
	into.all = append(into.all, g)
	return g
}
