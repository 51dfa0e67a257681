package deliveries

// largeMemory is how much memory the bodies of some time may have taken before it is given back by hand: the runtime keeps for minutes what it once had.
const largeMemory = 16 << 20

// memory is what the large bodies took that were written since some of it was given back.
type memory struct {
	bytes int64
	quiet bool // none was written since it was last looked
}

func (m *memory) took(parts [][]byte) {
	for _, part := range parts {
		m.bytes += int64(len(part))
		m.quiet = false
	}
}

// due reports, when it is asked now and then, that it is time to give memory back: no large body came for a while.
func (m *memory) due() bool {
	if m.bytes < largeMemory {
		return false
	}
	if !m.quiet {
		m.quiet = true
		return false
	}
	*m = memory{}
	return true
}

// giveBack gives back the memory of large bodies, beside the keeper.
func (k *keeper) giveBack() {
	if k.large.due() {
		k.syncer.release = true
		k.scheduleSync()
	}
}
