package harness

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// Binaries are the two builds of faultline that the tests run.
type Binaries struct {
	Race  string // with the race detector: it exits 66 and says DATA RACE when it saw one
	Plain string // for figures: memory, seconds
}

// Build compiles cmd/faultline into dir, both ways.
func Build(dir string) (Binaries, error) {
	built := Binaries{Race: filepath.Join(dir, "faultline-race"), Plain: filepath.Join(dir, "faultline")}
	if err := BuildRace(built.Race); err != nil {
		return Binaries{}, err
	}
	if err := build("-o", built.Plain); err != nil {
		return Binaries{}, err
	}
	return built, nil
}

// BuildRace compiles cmd/faultline with the race detector, for who looks at no figures.
func BuildRace(file string) error { return build("-race", "-o", file) }

func build(flags ...string) error {
	args := append([]string{"build"}, flags...)
	cmd := exec.Command("go", append(args, "github.com/faultline/faultline/cmd/faultline")...)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building cmd/faultline: %w\n%s", err, text)
	}
	return nil
}
