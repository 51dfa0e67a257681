package receiver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// OpenStore keeps payloads in a folder, which is made when it is missing, and must be one that can be written. Files of an earlier receiver count as kept; what it was
// writing when it ended is removed, unless another receiver keeps its payloads there, too. keep is how many files are kept, the newest ones; 0: all. The Store must be closed.
func OpenStore(dir string, keep int) (_ *Store, err error) {
	if keep < 0 {
		return nil, fmt.Errorf("keep %d payload files: want 0 (all) or more", keep)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of payloads: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of payloads: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Close())
		}
	}()
	s := &Store{root: root, keep: keep}
	if err := s.probe(); err != nil {
		return nil, err
	}
	alone, err := s.share()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.shared.Close())
		}
	}()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("read the folder of payloads: %w", err)
	}
	for _, entry := range entries {
		if err := s.found(entry.Name(), alone); err != nil {
			return nil, err
		}
	}
	slices.Sort(s.files) // their names begin with their time
	return s, s.drop()
}

// probe finds out whether the folder can be written.
func (s *Store) probe() error {
	name := fmt.Sprintf(".%s%d%s", filePrefix, os.Getpid(), partSuffix)
	f, err := s.root.Create(name)
	if err != nil {
		return fmt.Errorf("write into the folder of payloads: %w", err)
	}
	return errors.Join(f.Close(), s.root.Remove(name))
}

// share says that this receiver keeps its payloads here, by a lock that ends with it, and finds out whether it is the only one.
func (s *Store) share() (alone bool, err error) {
	if s.shared, err = s.root.Open("."); err != nil {
		return false, fmt.Errorf("open the folder of payloads: %w", err)
	}
	fd := int(s.shared.Fd())
	alone = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) == nil
	if err := unix.Flock(fd, unix.LOCK_SH); err != nil {
		return false, errors.Join(fmt.Errorf("lock the folder of payloads: %w", err), s.shared.Close())
	}
	return alone, nil
}

func (s *Store) found(name string, alone bool) error {
	if strings.HasPrefix(name, "."+filePrefix) && strings.HasSuffix(name, partSuffix) {
		if !alone {
			return nil // somebody may be writing it
		}
		if err := s.root.Remove(name); err != nil {
			return fmt.Errorf("remove what was not finished: %w", err)
		}
		return nil
	}
	stem, isData := strings.CutSuffix(name, fileSuffix)
	_, number, ours := strings.Cut(strings.TrimPrefix(stem, filePrefix), "_")
	n, err := strconv.Atoi(number)
	if !isData || !ours || err != nil || !strings.HasPrefix(name, filePrefix) {
		return nil
	}
	s.last = max(s.last, n)
	s.files = append(s.files, name)
	return nil
}
