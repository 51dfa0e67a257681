package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/faultline/faultline/scenario"
)

// greet says where the proxy listens, and how to point a worker at it.
func (p *station) greet(flags proxyFlags) {
	what := "no scenario: injects nothing"
	if flags.scenario != "" {
		what = fmt.Sprintf("%s: %s, seed %d", flags.scenario, counted(len(p.rules.Rules), "rule"), p.rules.Seed)
	}
	p.term.say("faultline %s  %s   log %s   http://%s", version, what, p.settings.logDir, p.admin)
	p.sayNotes()
	if len(flags.command) > 0 {
		p.term.say("  worker:  %s   (HTTP_PROXY=http://%s)", strings.Join(flags.command, " "), p.reach)
		return
	}
	p.term.say("  worker:  HTTP_PROXY=http://%[1]s HTTPS_PROXY=http://%[1]s celery -A proj worker     (or: faultline proxy %[2]s-- celery -A proj worker)",
		p.reach, withSpace(flags.scenario))
}

// greetReceiver says by which rules the endpoint's answers are broken.
func (p *station) greetReceiver(flags receiveFlags) {
	p.term.say("  rules:   %s: %s, seed %d   log %s   http://%s", flags.scenario, counted(len(p.rules.Rules), "rule"), p.rules.Seed, p.settings.logDir, p.admin)
	p.sayNotes()
}

// sayNotes says what there is to know at a start.
func (p *station) sayNotes() {
	for _, note := range p.notes {
		p.term.say("  log:     %s", note)
	}
	for _, line := range p.unread {
		p.term.say("  warning: %s", line)
	}
	if !p.settings.now.IsZero() {
		p.term.say("  clock:   the scenario's shows %s; the log goes by the machine's", p.settings.now.Format(time.RFC3339))
	}
	p.sayWarnings(p.rules)
	p.sayEntrances()
}

// sayWarnings says what a scenario most likely does not mean, a line each, as it is with the gateways of this run.
func (p *station) sayWarnings(rules *scenario.Scenario) {
	here := *rules
	if p.settings.gatewaysGiven {
		here.Gateways = p.settings.gateways
	}
	for _, w := range scenario.Warnings(&here) {
		p.term.say("  warning: %s", printable(strings.ReplaceAll(w.Error(), "\n  hint: ", "; ")))
	}
}

func withSpace(text string) string {
	if text == "" {
		return ""
	}
	return text + " "
}
