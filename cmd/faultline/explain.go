package main

import (
	"iter"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/explain"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/schema"
)

// explainFlags are what is asked: a made-up request, or an attempt of a log.
type explainFlags struct {
	url, method, body, client, placement string
	headers, intercept                   []string
	attempts, answer                     int
	at, now                              string
	gap                                  time.Duration
	from, id                             string
	asJSON                               bool
}

func explainCommand(w world) *cobra.Command {
	var flags explainFlags
	cmd := &cobra.Command{
		Use:   "explain FILE --url URL | explain [FILE] --from LOG --id ID",
		Short: "Say what an attempt would get, and why each rule did or did not fire",
		Long: `explain decides attempts without sending anything: a made-up delivery, attempt by attempt, or one from a log, once more, under the
scenario that the log holds (or under FILE). Of every rule it says that it fired, or the first condition that failed, with its values.`,
		Example: `  faultline explain outage.toml --url http://hooks.example.com/claims --attempts 3
  faultline explain nightly-maintenance --url http://hooks.example.com/ --at 2026-11-24T02:10:00
  faultline explain flapping --url http://hooks.example.com/ --at 25s --header "Webhook-Id: wh_1" --body @payload.json
  faultline explain --from faultline-log --id wh_1`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			account, err := flags.account(args, cmd.Flags().Changed, w)
			if err != nil {
				return err
			}
			return printAccount(w.stdout, account, flags.asJSON)
		},
		ValidArgsFunction: completeScenarios,
	}
	f := cmd.Flags()
	f.StringVar(&flags.url, "url", "", "where the attempts are addressed to")
	f.StringVar(&flags.method, "method", http.MethodPost, "their method")
	f.StringArrayVar(&flags.headers, "header", nil, "NAME: VALUE of a field; may be repeated")
	f.StringVar(&flags.body, "body", "", "their body, or @FILE")
	f.IntVar(&flags.attempts, "attempts", 1, "how many there are of one delivery")
	f.DurationVar(&flags.gap, "gap", 0, "from one attempt to the next")
	f.StringVar(&flags.at, "at", "", "when the first comes: a date-time, or how long after the start of the scenario's clock, e.g. 90s (default: at its start)")
	f.StringVar(&flags.now, "now", "", "when the scenario's clock starts: a date-time (default: with the first attempt if --at is a date-time, else now)")
	f.IntVar(&flags.answer, "answer", 0, "the status that the target is taken to answer with, for rules that ask for it")
	f.StringVar(&flags.client, "client", "127.0.0.1", "address of the sender")
	f.StringVar(&flags.placement, "placement", "", "gateway or receiver, for attempts that do not come by the proxy")
	f.StringSliceVar(&flags.intercept, "intercept", nil, "hosts whose CONNECT is opened, or auto, in place of tls.intercept")
	f.StringVar(&flags.from, "from", "", "folder of a log")
	f.StringVar(&flags.id, "id", "", "id of an attempt in it, or the id or key of a delivery")
	f.BoolVar(&flags.asJSON, "json", false, "print JSON")
	return cmd
}

// account is what is asked for.
func (f *explainFlags) account(args []string, given func(string) bool, w world) (*explain.Account, error) {
	var rules *scenario.Scenario
	if len(args) == 1 {
		var err error
		if rules, err = loadScenario(args[0], w); err != nil {
			return nil, err
		}
	}
	switch {
	case f.from != "" && f.url != "":
		return nil, usage("--url makes an attempt up, --from takes one from a log: one of them")
	case f.from != "":
		for _, made := range [...]string{"method", "header", "body", "client", "placement", "intercept", "answer", "attempts", "gap", "at", "now"} {
			if given(made) {
				return nil, usage("--%s is for attempts that are made up, and --from takes one from a log", made)
			}
		}
		return f.logged(rules)
	case f.url == "":
		return nil, usage("want --url URL of a made-up attempt, or --from LOG --id ID")
	case rules == nil:
		return nil, usage("want the file of a scenario, or the name of a built-in one; a log holds its own")
	}
	if given("intercept") {
		var err error
		if rules, err = rules.WithIntercept(f.intercept); err != nil {
			return nil, usage("--intercept: %w", err)
		}
	}
	return f.madeUp(rules, time.Now())
}

func (f *explainFlags) logged(rules *scenario.Scenario) (*explain.Account, error) {
	if f.id == "" {
		return nil, usage("--from %s: want --id with the id of an attempt, or the id or key of a delivery", f.from)
	}
	log := func() iter.Seq2[deliveries.Record, error] { return deliveries.Read(f.from) }
	account, err := explain.Logged(log, f.id, rules)
	if err != nil {
		return nil, usage("--from %s: %w", f.from, err)
	}
	return account, nil
}

func (f *explainFlags) madeUp(rules *scenario.Scenario, now time.Time) (*explain.Account, error) {
	const most = 1000
	if f.attempts < 1 || f.attempts > most {
		return nil, usage("--attempts %d: want 1 to %d", f.attempts, most)
	}
	if f.gap < 0 {
		return nil, usage("--gap %s: want a duration from 0s", f.gap)
	}
	if f.answer != 0 && (f.answer < 200 || f.answer > 599) {
		return nil, usage("--answer %d: want a status from 200 to 599", f.answer)
	}
	q := explain.Question{Attempts: f.attempts, Gap: f.gap, Status: f.answer}
	var err error
	if q.Start, q.At, err = f.times(rules, now); err != nil {
		return nil, err
	}
	if q.Subject, err = f.subject(); err != nil {
		return nil, err
	}
	return explain.MadeUp(rules, q), nil
}

// times are when the scenario's clock starts, and when the first attempt comes.
func (f *explainFlags) times(rules *scenario.Scenario, now time.Time) (start, at time.Time, err error) {
	const want = "want a date-time such as 2026-11-24T02:10:00"
	start, ok := now, true
	if f.now != "" {
		if start, ok = rules.ParseTime(f.now); !ok {
			return start, at, usage("--now %q: %s", f.now, want)
		}
	}
	if f.at == "" {
		return start, start, nil
	}
	if after, err := schema.ParseDuration(f.at); err == nil {
		return start, start.Add(after), nil
	}
	if at, ok = rules.ParseTime(f.at); !ok {
		return start, at, usage("--at %q: %s, or a duration after the start such as 90s", f.at, want)
	}
	if f.now == "" {
		start = at
	}
	if at.Before(start) {
		return start, at, usage("--at %s: is before --now %s, when the scenario's clock starts", f.at, f.now)
	}
	return start, at, nil
}

// subject is the request that the flags describe.
func (f *explainFlags) subject() (scenario.Subject, error) {
	header := http.Header{}
	for _, field := range f.headers {
		name, value, ok := strings.Cut(field, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return scenario.Subject{}, usage("--header %q: want NAME: VALUE", field)
		}
		header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	body := []byte(f.body)
	if file, isFile := strings.CutPrefix(f.body, "@"); isFile {
		var err error
		if body, err = os.ReadFile(file); err != nil {
			return scenario.Subject{}, usage("--body: %w", err)
		}
	}
	subject, err := explain.SubjectOf(f.method, f.url, header, body)
	if err != nil || subject.Scheme != "http" && subject.Scheme != "https" || subject.Host == "" {
		return subject, usage("--url %q: want an http or https URL such as http://hooks.example.com/claims", f.url)
	}
	if subject.Client, err = netip.ParseAddr(f.client); err != nil {
		return subject, usage("--client %q: want an address such as 10.0.0.7", f.client)
	}
	switch placement := scenario.Placement(f.placement); placement {
	case "":
	case scenario.Gateway, scenario.Receiver:
		subject.Placement = placement
	default:
		return subject, usage("--placement %q: want gateway or receiver; http comes as forward, https by a CONNECT", f.placement)
	}
	return subject, nil
}
