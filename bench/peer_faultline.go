package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A scenarioText is a scenario that the benchmarks run faultline with.
type scenarioText struct {
	byHost int    // rules for hosts that are never called
	byPath int    // rules for paths of any host that are never called
	more   string // TOML that follows
}

// text is the scenario as TOML.
func (s scenarioText) text() string {
	var toml strings.Builder
	toml.WriteString("name = \"bench\"\nseed = 42\n\n[delivery]\nmatch.host = \"*\"\nkey = \"header:Webhook-Id\"\n")
	for i := range s.byHost {
		fmt.Fprintf(&toml, "\n[[rule]]\nname = \"host %d\"\nmatch.host = \"hooks-%d.example.com\"\nstatus = 503\n", i, i)
	}
	for i := range s.byPath {
		fmt.Fprintf(&toml, "\n[[rule]]\nname = \"path %d\"\nmatch.path = \"/never/%d/**\"\nstatus = 503\n", i, i)
	}
	toml.WriteString(s.more)
	return toml.String()
}

// usual is what most parts measure with: rules, none of which fires.
func usual() scenarioText { return scenarioText{byHost: 100, byPath: 5} }

// tenth has one attempt in ten answered 503.
func tenth() scenarioText {
	s := usual()
	s.more = "\n[[rule]]\nname = \"one in ten\"\nwhen.chance = 0.1\nstatus = 503\n"
	return s
}

// faultlineAs starts a built faultline under a scenario, with its log and metrics as they are by default.
func faultlineAs(name, program string, scenario scenarioText, flags ...string) func(*bench, string) (*process, error) {
	return func(b *bench, _ string) (*process, error) {
		address, admin, err := twoAddresses()
		if err != nil {
			return nil, err
		}
		file := strings.ReplaceAll(name, " ", "-")
		path, err := b.file(file+".toml", scenario.text())
		if err != nil {
			return nil, err
		}
		log, err := os.MkdirTemp(b.dir, file+"-log-")
		if err != nil {
			return nil, fmt.Errorf("make a folder for the log: %w", err)
		}
		args := []string{program, "proxy", path, "--listen", address, "--admin", admin, "--log", log, "--quiet"}
		return b.start(command{name: file, core: b.proxyCore, address: address, metrics: "http://" + admin + "/metrics", args: append(args, flags...)})
	}
}

// withOther puts the other faultline, if there is one, behind the first of peers.
func (b *bench) withOther(peers []peer, scenario scenarioText) []peer {
	if b.against == "" {
		return peers
	}
	return slices.Insert(peers, 1, peer{name: "faultline, the other", start: faultlineAs("faultline-other", b.against, scenario)})
}
