package deliveries

import (
	"path/filepath"
	"slices"
	"strings"
)

// trim removes the oldest full segments until those of the folder are together within Config.Keep. What cannot be removed is told, and left for the
// next time; nothing newer goes before it, as a log has no holes.
func (k *keeper) trim() {
	for k.cfg.Keep > 0 && len(k.full) > 0 && k.kept() > k.cfg.Keep {
		oldest := k.full[0]
		err := removeSegment(oldest.path)
		k.cfg.Removed(filepath.Base(oldest.path), oldest.size, err)
		if err != nil {
			return
		}
		k.full = slices.Delete(k.full, 0, 1)
	}
}

// kept is how many bytes the folder's segments have, the one that is written among them.
func (k *keeper) kept() int64 {
	var bytes int64
	for _, s := range k.full {
		bytes += s.size
	}
	if k.seg != nil {
		bytes += k.seg.size
	}
	return bytes
}

// removeSegment removes a segment, before it what was torn from it. One that is not there any more is as good as removed.
func removeSegment(path string) error {
	plain := strings.TrimSuffix(path, sealedSuffix[len(segmentSuffix):])
	for _, path := range [...]string{plain + tornSuffix, plain, path} {
		if err := removeIfThere(path); err != nil {
			return err
		}
	}
	return nil
}

// numbered are the segments that a Writer has made, oldest first. What else readers find in a folder is not the Writer's to remove.
func numbered(segments []listed) []listed {
	var ours []listed
	for _, s := range segments {
		if s.number() > 0 {
			ours = append(ours, s)
		}
	}
	slices.SortFunc(ours, func(a, b listed) int { return a.number() - b.number() })
	return ours
}
