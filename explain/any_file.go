package explain

import (
	"io"
	"io/fs"
	"time"
)

// anyFile stands for the folder of a scenario of which only the text is there: every file exists, and is empty. What an answer's body is decides nothing.
type anyFile struct{}

func (anyFile) Open(string) (fs.File, error) { return emptyFile{}, nil }

// emptyFile is an ordinary file with nothing in it.
type emptyFile struct{}

func (emptyFile) Read([]byte) (int, error)   { return 0, io.EOF }
func (emptyFile) Close() error               { return nil }
func (emptyFile) Stat() (fs.FileInfo, error) { return emptyFile{}, nil }
func (emptyFile) Name() string               { return "" }
func (emptyFile) Size() int64                { return 0 }
func (emptyFile) Mode() fs.FileMode          { return 0 }
func (emptyFile) ModTime() time.Time         { return time.Time{} }
func (emptyFile) IsDir() bool                { return false }
func (emptyFile) Sys() any                   { return nil }
