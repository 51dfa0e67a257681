package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/pprof/profile"
)

// A work is something that faultline is profiled at.
type work struct {
	name  string
	share float64 // of the profile that is made of all
	do    func(*bench) error
}

// works are what operators wait for, by how much of it there is: most attempts are only forwarded.
func works() []work {
	return []work{
		{"forward", 0.5, func(b *bench) error {
			return b.onlyForward(peer{start: faultlineAs("faultline", b.faultline, usual())})
		}},
		{"faulted", 0.2, func(b *bench) error {
			return b.onlyForward(peer{start: faultlineAs("faultline-faulted", b.faultline, tenth()), faulted: true})
		}},
		{"intercept", 0.15, (*bench).onlyIntercept},
		{"check", 0.15, (*bench).onlyCheck},
	}
}

// writeProfile writes what faultline's time goes to, as one profile of all works. `go build` makes faster what is in it.
func (b *bench) writeProfile() error {
	if _, err := b.logToRead(); err != nil { // before a work, so that it is in no profile
		return err
	}
	var parts []*profile.Profile
	var shares []float64
	for _, w := range works() {
		fmt.Fprintf(os.Stderr, "bench: profile: %s\n", w.name)
		part, err := b.profileOf(w)
		if err != nil {
			return fmt.Errorf("profile %s: %w", w.name, err)
		}
		parts, shares = append(parts, part), append(shares, w.share)
	}
	merged, err := merge(parts, shares)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := merged.Write(&text); err != nil {
		return fmt.Errorf("encode the profile: %w", err)
	}
	return os.WriteFile(b.profile, text.Bytes(), 0o644)
}

// profileOf has a work done, by the one process that is told to profile itself.
func (b *bench) profileOf(w work) (*profile.Profile, error) {
	name := filepath.Join(b.dir, w.name+".pprof")
	if err := os.Setenv(profileVariable, name); err != nil {
		return nil, err
	}
	defer os.Unsetenv(profileVariable)
	if err := w.do(b); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return profile.ParseData(text)
}

func (b *bench) onlyForward(p peer) error {
	defer b.stopAll()
	target, err := b.startTarget()
	if err != nil {
		return err
	}
	_, err = b.contest([]peer{p}, target.address, b.under(forwarding(target.address)))
	return err
}

func (b *bench) onlyIntercept() error {
	o, err := b.newOpening()
	if err != nil {
		return err
	}
	_, err = b.interceptAll([]peer{{start: faultlineAs("faultline-tls", b.faultline, o.added(b, usual()))}}, o, false)
	return err
}

func (b *bench) onlyCheck() error {
	made, err := b.logToRead()
	if err != nil {
		return err
	}
	_, err = b.runOnce([]string{b.faultline, "check", made.dir, "--json"}, 1, 3) // a verdict is no error
	return err
}
