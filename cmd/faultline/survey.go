package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/trial"
)

// runSurvey runs the sender against one failure after another, and draws the map of what survives.
func runSurvey(ctx context.Context, w world, flags trialFlags, given func(string) bool) error {
	ctx, forget := untilEnded(ctx)
	defer forget()
	for i, host := range flags.intercept {
		if host == "auto" {
			flags.intercept[i] = "*" // nearly every failure looks into a connection, and the baseline must see as much
		}
	}
	t, err := newTrial(w, flags, given, scenario.Empty())
	if err != nil {
		return err
	}
	if err := t.baseline(ctx); err != nil {
		return err
	}
	var survey []trial.Survived
	for i, blow := range trial.Blows() {
		row, err := t.strike(ctx, i, blow)
		if err != nil {
			return err
		}
		survey = append(survey, row)
		t.say("%2d of %d  %s", i+1, len(trial.Blows()), strings.TrimSpace(rowText(row)))
	}
	return t.show(survey)
}

// strike runs the sender against one failure.
func (t *trialRun) strike(ctx context.Context, i int, blow trial.Blow) (row trial.Survived, err error) {
	rules, problems := scenario.Parse(blow.Name, blow.Scenario(), nil)
	if len(problems) > 0 {
		panic("a failure of the survey: " + listProblems(problems)) // a test reads each
	}
	if t.rules, err = t.opening(rules); err != nil {
		return row, err
	}
	part, err := t.run(ctx, fmt.Sprintf("%02d", i+1), true)
	if err != nil {
		return row, err
	}
	defer part.log.close()
	q, err := part.log.question("", &settleFlag{after: part.progress.Settle, given: true}, 0, t.world)
	if err != nil {
		return row, err
	}
	q.Ended = part.sender.Ended
	stories, err := part.log.stories(q)
	if err != nil {
		return row, err
	}
	row = trial.Survived{Blow: blow.Name, Kind: blow.Kind, Deliveries: len(stories), Met: part.tally.Met()}
	for _, s := range stories {
		row.Add(s.Delivery)
	}
	return row, nil
}

// show prints the survival map.
func (t *trialRun) show(survey []trial.Survived) error {
	if t.flags.html != "" {
		if err := t.writeHTML(surveyHTML, survey); err != nil {
			return err
		}
	}
	if t.flags.asJSON {
		return json.NewEncoder(t.world.stdout).Encode(survey)
	}
	text := rowHead
	for _, row := range survey {
		text += rowText(row)
	}
	_, err := fmt.Fprint(t.world.stdout, text)
	return err
}

const rowHead = "failure                       fault            delivered  retried  attempts  duplicates  gave up  lost silently\n"

func rowText(r trial.Survived) string {
	if r.Met == 0 {
		return fmt.Sprintf("%-29s %-16s not met\n", r.Blow, r.Kind)
	}
	return fmt.Sprintf("%-29s %-16s %9s  %7d  %8d  %10d  %7d  %13d\n", r.Blow, r.Kind, fmt.Sprintf("%d/%d", r.Delivered, r.Deliveries), r.Retried, r.Attempts, r.Duplicates, r.GaveUp, r.SilentlyLost)
}

//go:embed survey.html
var surveyHTML string
