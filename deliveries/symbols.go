package deliveries

import "strings"

// symbols are texts that come again and again: hosts, runs, rules, ends. Each is held once, and packed as its number.
type symbols struct {
	texts   []string
	numbers map[string]uint64 // from 1
	recent  [32]symbolic      // by the place in a record: most texts are those of the record before
	place   int

	outlines outlines // of attempts, made of them
}

type symbolic struct {
	text   string
	number uint64
}

// Beyond these limits texts are packed as they are: what is different in every record is no symbol.
const (
	mostSymbols   = 1 << 16
	longestSymbol = 256 // bytes
)

// next is the number of the next text of a record, 0 for one that is no symbol.
func (s *symbols) next(text string) uint64 {
	recent := &s.recent[s.place%len(s.recent)]
	s.place++
	if recent.number > 0 && recent.text == text {
		return recent.number
	}
	number := s.number(text)
	if number > 0 {
		*recent = symbolic{s.texts[number-1], number}
	}
	return number
}

func (s *symbols) number(text string) uint64 {
	number := s.numbers[text]
	if number > 0 || len(s.texts) == mostSymbols || len(text) > longestSymbol {
		return number
	}
	if s.numbers == nil {
		s.numbers = make(map[string]uint64)
	}
	text = strings.Clone(text)
	s.texts = append(s.texts, text)
	number = uint64(len(s.texts))
	s.numbers[text] = number
	return number
}
