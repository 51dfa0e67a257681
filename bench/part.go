package main

import (
	"fmt"
	"slices"
	"strings"
)

// A part is one question with the tables that answer it.
type part struct {
	name    string
	asks    string
	measure func(*bench) ([]table, error)
}

// parts are all of them, in the order they are run in.
func parts() []part {
	return []part{
		{"forward", "what an attempt costs that is only forwarded", forward},
		{"intercept", "what an attempt over TLS costs that is looked into", intercept},
		{"tunnel", "what one tunnel carries", tunnel},
		{"idle", "what connections cost that do nothing", idle},
		{"delays", "how exact delays are", delays},
		{"log", "what the log costs, by how often it is synced", logs},
		{"growth", "how cost grows with rules, deliveries and senders", growth},
		{"read", "how long a large log takes to be read", read},
		{"startup", "how long a start takes with a large log", startup},
	}
}

func names(parts []part) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p.name)
	}
	return all
}

// choose picks the parts that are named, in the order of all; all of them where none is.
func choose(all []part, only []string) ([]part, error) {
	if len(only) == 0 {
		return all, nil
	}
	for _, name := range only {
		if !slices.Contains(names(all), name) {
			return nil, fmt.Errorf("part %q is none of %s", name, strings.Join(names(all), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(p part) bool { return !slices.Contains(only, p.name) }), nil
}
