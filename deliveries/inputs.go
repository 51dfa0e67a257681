package deliveries

import (
	"fmt"
	"path/filepath"
)

// input is a log to be read.
type input struct {
	folder   *Folder
	segments []listed
}

// inputs are the logs of paths, and how many bytes they have. A segment that was named before is left out.
func inputs(paths []string) (all []input, bytes int64, err error) {
	named := make(map[string]bool)
	for _, path := range paths {
		segments, err := segmentsOf(path)
		if err != nil {
			return nil, 0, err
		}
		one := input{folder: newFolder(path, segments)}
		for _, s := range segments {
			dir, err := filepath.EvalSymlinks(filepath.Dir(s.path))
			if err == nil {
				dir, err = filepath.Abs(dir)
			}
			if err != nil {
				return nil, 0, fmt.Errorf("read log: %w", err)
			}
			name := filepath.Join(dir, filepath.Base(s.path))
			if !named[name] {
				named[name] = true
				one.segments = append(one.segments, s)
				bytes += s.size
			}
		}
		all = append(all, one)
	}
	return all, bytes, nil
}
