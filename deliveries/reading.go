package deliveries

import (
	"context"
	"errors"
)

// Reading is how Group reads. The zero value is ready.
type Reading struct {
	Memory int64  // bytes of attempts that are held in memory, packed, some 250 each; what is beyond is put into files; 0: 256 MiB
	Temp   string // folder for these files, which have no names there: nothing of them stays; "": the system's

	Other    func(Record)          // if set: gets each record that is no attempt, open or amend, in the order of the logs
	Progress func(read, all int64) // if set: is told, some hundred times, how many bytes of the logs were read
}

// packedMemory is the default of Reading.Memory.
const packedMemory = 256 << 20

// Group reads logs, each a folder or a single file, as one, and puts their attempts together to deliveries. Its memory does not grow with the number of attempts:
// beyond a limit they are put aside on a disk. A path or segment that is named twice is read once. Lines that cannot be read are counted by folder; any other
// error ends it.
//
//	grouped, err := deliveries.Group(ctx, deliveries.Reading{}, "host-a/faultline-log", "host-b/faultline-log")
//	defer grouped.Close()
//	for d, err := range grouped.Deliveries(deliveries.Settle{Ended: true}) { … }
func Group(ctx context.Context, how Reading, paths ...string) (*Grouped, error) {
	if how.Memory == 0 {
		how.Memory = packedMemory
	}
	g := grouping{Reading: how, Grouped: &Grouped{}, into: newBins(how.Memory, how.Temp)}
	err := g.readAll(ctx, paths)
	if err == nil {
		g.bins, err = g.into.sort(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, g.into.close())
	}
	return g.Grouped, nil
}
