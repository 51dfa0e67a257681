package deliveries

// meter tells how much was read.
type meter struct {
	read, all, told int64
	tell            func(read, all int64) // nil: nobody asks
}

// meterSteps is how often it tells, at most.
const meterSteps = 500

func (m *meter) add(n int) {
	m.read += int64(n)
	if m.tell != nil && m.read-m.told > m.all/meterSteps {
		m.told = m.read
		m.tell(m.read, max(m.read, m.all)) // a log that is being written grows
	}
}

func (m *meter) end() {
	if m.tell != nil {
		m.tell(m.read, m.read)
	}
}
