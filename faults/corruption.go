package faults

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
)

// Sample is how many bytes of a body are looked at, and changed, where not all of it is known.
const Sample = 4 << 10

// Places are the bytes to invert of a body of size bytes, sorted and each once: all of them where there are no more.
func (c Corrupt) Places(size int64) []int64 {
	n := min(int64(c.Bytes), size)
	taken := make(map[int64]bool, n)
	next := sequence(c.Draw)
	for last := size - n; last < size; last++ { // Floyd's: each set of n places is as likely as any other
		place := int64(next() % uint64(last+1))
		if taken[place] {
			place = last
		}
		taken[place] = true
	}
	places := make([]int64, 0, n)
	for place := range taken {
		places = append(places, place)
	}
	slices.Sort(places)
	return places
}

// sequence is a sequence of numbers, all of them made of one draw (splitmix64).
func sequence(draw float64) func() uint64 {
	state := math.Float64bits(draw)
	return func() uint64 {
		state += 0x9e3779b97f4a7c15
		z := (state ^ state>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
}

// broken is what no JSON has outside of a string.
const broken = '~'

// Break makes a body that is JSON none, by a byte of part, which it begins with; whole says that part is all of it. false: it is no JSON, as far as can be
// told, and is left as it is.
func (c Corrupt) Break(part []byte, whole bool) bool {
	text := bytes.TrimLeft(part, " \t\r\n")
	if len(text) == 0 || !bytes.ContainsRune([]byte(`{["-0123456789tfn`), rune(text[0])) || whole && !json.Valid(part) {
		return false
	}
	places := structure(part)
	if len(places) == 0 {
		part[len(part)-len(text)] = broken
		return true
	}
	part[places[int(c.Draw*float64(len(places)))]] = broken
	return true
}

// structure are the places of the brackets, commas and colons of a JSON text.
func structure(text []byte) (places []int) {
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && bytes.IndexByte([]byte("{}[],:"), c) >= 0:
			places = append(places, i)
		}
	}
	return places
}
