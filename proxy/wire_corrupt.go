package proxy

import (
	"io"

	"github.com/faultline/faultline/faults"
)

// corrupt: the sender sees a whole answer of the same length, with other bytes in its body.
func (x *exchange) corrupt(step faults.Corrupt, m *message) {
	switch {
	case m.bare || m.size == 0:
		x.leaveAlone("corrupt", "the answer has no body")
	case step.JSON:
		x.breakJSON(step, m)
	default:
		x.invert(step, m)
	}
}

func (x *exchange) invert(step faults.Corrupt, m *message) {
	size := m.size
	if size < 0 {
		part, _, _ := m.look(faults.Sample) // one that breaks is shown as far as it goes
		size = int64(len(part))
	}
	if size == 0 {
		x.leaveAlone("corrupt", "the answer has no body")
		return
	}
	m.body = &inverting{from: m.body, places: step.Places(size)}
}

func (x *exchange) breakJSON(step faults.Corrupt, m *message) {
	if coding := m.coding(); coding != "" {
		x.leaveAlone("corrupt", "the body is encoded ("+coding+")")
		return
	}
	if part, whole, _ := m.look(faults.Sample); !step.Break(part, whole) {
		x.leaveAlone("corrupt", "the body is no JSON")
	}
}

// inverting inverts the bytes at some places, sorted, of what is read.
type inverting struct {
	from   io.Reader
	places []int64
	at     int64
}

func (i *inverting) Read(p []byte) (int, error) {
	n, err := i.from.Read(p)
	for len(i.places) > 0 && i.places[0] < i.at+int64(n) {
		p[i.places[0]-i.at] ^= 0xff
		i.places = i.places[1:]
	}
	i.at += int64(n)
	return n, err
}
