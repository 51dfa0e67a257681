package deliveries

import (
	"slices"
	"sort"
)

// Numbers are those from From to To.
type Numbers struct{ From, To uint64 }

// sequence watches which numbers a run's attempts have. Each ought to be there once, the first of them 1.
type sequence struct {
	least   uint64    // the lowest so far
	last    uint64    // the highest
	missing []Numbers // below it
	more    uint64    // how many are missing besides
}

// mostMissing bounds what is known one by one. A log out of which somebody has picked lines may lack every other number.
const mostMissing = 10_000

func (s *sequence) saw(number uint64) {
	if s.least == 0 || number < s.least {
		s.least = number
	}
	switch {
	case number == s.last+1:
	case number > s.last:
		s.miss(Numbers{s.last + 1, number - 1})
	default:
		s.find(number)
		return
	}
	s.last = number
}

func (s *sequence) miss(these Numbers) {
	if len(s.missing) == mostMissing {
		s.more += these.To - these.From + 1
		return
	}
	s.missing = append(s.missing, these)
}

// find takes a number that comes late: lines may have been put into another order since they were written.
func (s *sequence) find(number uint64) {
	at := sort.Search(len(s.missing), func(i int) bool { return s.missing[i].To >= number })
	if at == len(s.missing) || s.missing[at].From > number {
		return
	}
	hole := s.missing[at]
	var rest []Numbers
	if hole.From < number {
		rest = append(rest, Numbers{hole.From, number - 1})
	}
	if hole.To > number {
		rest = append(rest, Numbers{number + 1, hole.To})
	}
	s.missing = slices.Replace(s.missing, at, at+1, rest...)
}

// counted reports whether attempts were numbered at all: those of others may all have the same number.
func (s *sequence) counted(attempts int) bool { return attempts == 1 || s.least != s.last }

// count is how many are missing.
func (s *sequence) count() uint64 {
	n := s.more
	for _, these := range s.missing {
		n += these.To - these.From + 1
	}
	return n
}
