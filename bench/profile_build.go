package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// profileVariable names the file that a process built with profiled.go writes its profile to; without it, it writes none.
const profileVariable = "BENCH_PROFILE"

//go:embed profiled.go
var profiledSource string

// profilingFlags are those of a build that is profiled: profiled.go is laid over cmd/faultline, which knows nothing of it; no file has its path in
// it; and nothing is made by the profile before.
func (b *bench) profilingFlags() ([]string, error) {
	folder, err := filepath.Abs(filepath.Join(b.root, "cmd", "faultline"))
	if err != nil {
		return nil, err
	}
	main, err := os.ReadFile(filepath.Join(folder, "main.go"))
	if err != nil {
		return nil, fmt.Errorf("read main: %w", err)
	}
	ending, err := endingWithProfile(string(main))
	if err != nil {
		return nil, err
	}
	replace := map[string]string{}
	for name, text := range map[string]string{"main.go": ending, "profiled.go": profiledSource} {
		if replace[filepath.Join(folder, name)], err = b.file(name, text); err != nil {
			return nil, err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace}) // see `go help build`
	if err != nil {
		return nil, fmt.Errorf("encode an overlay: %w", err)
	}
	file, err := b.file("overlay.json", string(overlay))
	return []string{"-trimpath", "-pgo=off", "-tags", "profiled", "-overlay", file}, err
}

// endingWithProfile is the text of main.go with a call of profiled.go's endProfile in place of os.Exit.
func endingWithProfile(main string) (string, error) {
	const end = "\tos.Exit(run("
	if strings.Count(main, end) != 1 {
		return "", fmt.Errorf("main.go has not one %q: where would its profile end?", end)
	}
	return strings.Replace(main, end, "\tendProfile(run(", 1), nil
}
