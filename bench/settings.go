package main

import (
	"flag"
	"fmt"
	"strings"
	"time"
)

// settings is what the command line says.
type settings struct {
	only      []string // names of parts; all of them without it
	rounds    int
	span      time.Duration // of a round
	warm      time.Duration // before a round, not counted
	root      string        // folder of faultline's own module
	faultline string        // a built faultline; made from root without it
	against   string        // another built faultline, measured beside it: before and after a change
	attempts  int           // of the log that is read
	gib       float64       // size of the log that a start goes on with
	json      string        // file; none without it
	markdown  string        // file; none without it
}

func parseSettings(args []string) (settings, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "parts to run, separated by commas; all of them without it: "+strings.Join(names(parts()), ", "))
	rounds := flags.Int("rounds", 5, "rounds of each peer")
	seconds := flags.Float64("seconds", 2, "length of a round")
	warm := flags.Float64("warm", 0.3, "seconds of the same before each round, not counted")
	var s settings
	flags.StringVar(&s.root, "root", "..", "folder of faultline's own module")
	flags.StringVar(&s.faultline, "faultline", "", "a built faultline; without it one is built from -root")
	flags.StringVar(&s.against, "against", "", "another built faultline, measured beside it: before and after a change")
	flags.IntVar(&s.attempts, "attempts", 1_000_000, "attempts of the log that the part read reads: about 1.2 KB each on the disk")
	flags.Float64Var(&s.gib, "gib", 1, "GiB of the log that the part startup starts on: 13 are about 10 million deliveries")
	flags.StringVar(&s.json, "json", "", "file for the results as JSON")
	flags.StringVar(&s.markdown, "markdown", "", "file for the results as a page")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if *rounds < 1 || *seconds <= 0 || *warm < 0 || flags.NArg() > 0 {
		return s, fmt.Errorf("arguments %q: want -rounds of at least 1, -seconds above 0, -warm of at least 0, and nothing beside the flags", args)
	}
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	s.rounds = *rounds
	s.span = time.Duration(*seconds * float64(time.Second))
	s.warm = time.Duration(*warm * float64(time.Second))
	return s, nil
}
