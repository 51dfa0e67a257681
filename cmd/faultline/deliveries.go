package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/har"
)

func deliveriesCommand(w world) *cobra.Command {
	var flags deliveriesFlags
	cmd := &cobra.Command{
		Use:   "deliveries LOG…",
		Short: "List deliveries, or show the attempts of one on a time line",
		Long: `deliveries lists what a log holds: each delivery with its state, its attempts and what became of them. --show KEY shows one, attempt by attempt; KEY is a
delivery's key, or the beginning of its id. --har FILE writes their attempts as an HTTP Archive 1.2, for whatever opens one: headers and bodies as far as the log
has them, what it has redacted marked.`,
		Example: "  faultline deliveries faultline-log --state lost\n  faultline deliveries faultline-log --show wh_71c\n  faultline deliveries faultline-log --show wh_71c --har wh_71c.har",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runDeliveries(cmd.Context(), w, args, &flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.state, "state", "", "those in this state alone: acknowledged, open, lost")
	f.StringVar(&flags.show, "show", "", "key of a delivery, or the beginning of its id")
	f.Var(&flags.settle, "settle", "how long a delivery must be silent to be lost; 0s: the sender has ended")
	f.BoolVar(&flags.asJSON, "json", false, "print JSON, a line each")
	f.StringVar(&flags.har, "har", "", "file that gets the attempts as HAR 1.2; -: standard output, in place of the list")
	return cmd
}

type deliveriesFlags struct {
	state, show string
	har         string
	settle      settleFlag
	asJSON      bool
}

func runDeliveries(ctx context.Context, w world, paths []string, flags *deliveriesFlags) error {
	if flags.state != "" && !isLogState(flags.state) {
		return usage("--state %q: want one of acknowledged, open, lost", flags.state)
	}
	l, err := readLogs(ctx, w, paths)
	if err != nil {
		return err
	}
	defer l.close()
	q, err := l.question("", &flags.settle, 0, w)
	if err != nil {
		return err
	}
	stories, err := l.stories(q)
	if err != nil {
		return err
	}
	var attempts []*deliveries.Attempt
	shown := 0
	for _, s := range stories {
		if flags.state != "" && string(s.State) != flags.state || flags.show != "" && !s.Named(flags.show) {
			continue
		}
		shown++
		attempts = append(append(attempts, s.Attempts...), s.Replays...)
		if flags.har == "-" {
			continue
		}
		if err := printStory(w, s, flags); err != nil {
			return err
		}
	}
	if shown == 0 && flags.show != "" {
		return usage("--show %s: the log has no delivery of that key, and none whose id begins so", flags.show)
	}
	if flags.har == "" {
		return nil
	}
	return l.writeHAR(flags.har, attempts, w)
}

// writeHAR writes attempts as an archive. Those that had not ended are not in it: nothing of an exchange is known of them.
func (l *logged) writeHAR(name string, attempts []*deliveries.Attempt, w world) error {
	attempts, err := l.whole(attempts)
	if err != nil {
		return err
	}
	text, err := har.Of(attempts, version)
	if err != nil {
		return err
	}
	return writeFile(name, text, w)
}

func printStory(w world, s analysis.Story, flags *deliveriesFlags) error {
	switch {
	case flags.asJSON:
		return json.NewEncoder(w.stdout).Encode(s.JSON())
	case flags.show != "":
		_, err := fmt.Fprint(w.stdout, s.TimeLine())
		return err
	default:
		_, err := fmt.Fprintln(w.stdout, s.String())
		return err
	}
}
