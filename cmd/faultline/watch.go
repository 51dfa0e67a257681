package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long a file is left alone after it was touched: editors write in several steps.
const settleWait = 20 * time.Millisecond

// fileWatch tells when a file may have been changed: written in place, renamed over, or reached by another link on its way, as config maps do it.
type fileWatch struct {
	file    string
	watcher *fsnotify.Watcher
	ended   chan struct{}
}

// watchFile calls changed, from one goroutine, until close.
func watchFile(file string, changed func()) (*fileWatch, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", file, err)
	}
	w := &fileWatch{file: file, watcher: watcher, ended: make(chan struct{})}
	if err := w.follow(); err != nil {
		return nil, errors.Join(err, watcher.Close())
	}
	go w.run(changed)
	return w, nil
}

// follow watches the folders in which a change of the file can be seen: its own, and that of what it links to. What was watched before may have gone.
func (w *fileWatch) follow() error {
	folders := []string{filepath.Dir(w.file)}
	if real, err := filepath.EvalSymlinks(w.file); err == nil {
		folders = append(folders, filepath.Dir(real))
	}
	for _, folder := range folders {
		if err := w.watcher.Add(folder); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("watch %s: %w", folder, err)
		}
	}
	return nil
}

func (w *fileWatch) run(changed func()) {
	defer close(w.ended)
	var settled <-chan time.Time
	for {
		select {
		case _, open := <-w.watcher.Events:
			if !open {
				return
			}
			if settled == nil {
				settled = time.After(settleWait)
			}
		case _, open := <-w.watcher.Errors: // events were lost: look
			if !open {
				return
			}
			settled = time.After(settleWait)
		case <-settled:
			settled = nil
			_ = w.follow() // a folder that cannot be watched any more is found again with the next event
			changed()
		}
	}
}

// close ends the watch; changed is not called any more.
func (w *fileWatch) close() error {
	err := w.watcher.Close()
	<-w.ended
	return err
}
