// Package configs holds the scenarios that ship with faultline, one lesson each, built into the binary: the command line, the docs and the tests see
// the same files.
//
// Its promise: each file's header comment says what happens, what a good sender does and what to look for in the log; the first line is a
// summary. A test decides every one of them and holds it against its header.
//
//	text, err := configs.Read("outage")
package configs

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.toml
var files embed.FS

// Files are the scenarios as files, NAME.toml: the folder that a shipped scenario's own paths are relative to.
func Files() fs.FS { return files }

// Names are the names of the scenarios, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("reading the folder of an embedded file system: %v", err)) // cannot fail: it is part of the binary
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), ".toml")
	}
	slices.Sort(names)
	return names
}

// Read returns the TOML text of a scenario. The error is of a name that Names does not have.
func Read(name string) (string, error) {
	text, err := files.ReadFile(name + ".toml")
	if err != nil {
		return "", fmt.Errorf("shipped scenario %q: %w", name, err)
	}
	return string(text), nil
}

// Summary is the first line of a scenario's header, "" for an unknown name.
func Summary(name string) string {
	text, err := Read(name)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(text, "\n")
	return strings.TrimPrefix(first, "# ")
}
