package faults

import (
	"math/rand/v2"
	"os/exec"
	clock "time"

	"github.com/BurntSushi/toml"

	"github.com/faultline/faultline/schema"
)

var (
	_ = toml.Decode
	_ = schema.Key{}
	_ = exec.Command
	_ = rand.IntN
)

func now() clock.Time { return clock.Now() }

func later(then clock.Time) clock.Duration {
	ask := clock.Until
	return ask(then) + clock.Second
}
