package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/trial"
)

// runSurvival runs the sender once, each delivery meeting an outage of its own, and draws how long an outage how many survive.
func runSurvival(ctx context.Context, w world, flags trialFlags, given func(string) bool) error {
	if flags.shortest <= 0 || flags.longest <= flags.shortest {
		return usage("--shortest %s, --longest %s: want durations above 0s, the first below the second", flags.shortest, flags.longest)
	}
	rules, problems := scenario.Parse("survival.toml", trial.Outages(flags.shortest, flags.longest), nil)
	if len(problems) > 0 {
		return usage("--shortest, --longest: %s", listProblems(problems))
	}
	ctx, forget := untilEnded(ctx)
	defer forget()
	t, err := newTrial(w, flags, given, rules)
	if err != nil {
		return err
	}
	if err := t.baseline(ctx); err != nil {
		return err
	}
	part, err := t.run(ctx, "survival", true)
	if err != nil {
		return err
	}
	defer part.log.close()
	if part.progress.Deliveries == 0 {
		return t.nothing(part)
	}
	s, err := t.survival(part)
	if err != nil {
		return err
	}
	return t.showSurvival(s)
}

// survival is what a run under outages shows.
type survival struct {
	Deliveries int           `json:"deliveries"`
	Lost       int           `json:"lost"`
	Policy     string        `json:"policy"`
	Points     []survivalRow `json:"points"`

	curve, closed []trial.Step
	longest       time.Duration
}

// survivalRow is the share that survives an outage of a length; ClosedForm is what the inferred policy gives, negative where that is not known.
type survivalRow struct {
	Outage     float64 `json:"outage_s"`
	Survive    float64 `json:"survive"`
	ClosedForm float64 `json:"closed_form"`
}

func (t *trialRun) survival(part *trialPart) (*survival, error) {
	report, err := t.judge(part, t.flags.expect)
	if err != nil {
		return nil, err
	}
	stories, err := part.log.stories(analysis.Question{Ended: part.sender.Ended, Settle: part.progress.Settle})
	if err != nil {
		return nil, err
	}
	s := &survival{longest: t.flags.longest, Policy: report.Policy.String()}
	var lives []trial.Life
	for _, story := range stories {
		if life, ok := trial.LifeOf(story.Delivery); ok {
			lives = append(lives, life)
			if life.Lost {
				s.Lost++
			}
		}
	}
	s.Deliveries, s.curve = len(lives), trial.Curve(lives)
	if waits := waitsOf(report.Policy); waits != nil {
		s.closed = trial.ClosedForm(waits)
	}
	for _, length := range trial.Lengths(t.flags.shortest, t.flags.longest) {
		row := survivalRow{length.Seconds(), trial.At(s.curve, length), -1}
		if s.closed != nil {
			row.ClosedForm = trial.At(s.closed, length)
		}
		s.Points = append(s.Points, row)
	}
	return s, nil
}

// waitsOf are the waits of a policy, as far as it is known whole; nil where it is not.
func waitsOf(p analysis.Policy) [][2]time.Duration {
	if p.Attempts == nil {
		return nil
	}
	waits := [][2]time.Duration{} // none, of a sender that does not retry
	for try := 1; try < *p.Attempts; try++ {
		least, most, ok := p.Wait(try)
		if !ok {
			return nil
		}
		waits = append(waits, [2]time.Duration{least, most})
	}
	return waits
}

// says is the curve in a sentence: half of the deliveries survive 41 s, none 4 min.
func (s *survival) says() string {
	var parts []string
	for _, of := range [...]struct {
		share float64
		name  string
	}{{0.9, "nine in ten"}, {0.5, "half"}, {0.1, "one in ten"}} {
		if at, ok := trial.Reached(s.curve, of.share); ok {
			parts = append(parts, fmt.Sprintf("%s survive %s", of.name, roundly(at)))
		}
	}
	last := s.curve[len(s.curve)-1]
	switch {
	case last.Share == 0 && last.At == 0:
		return fmt.Sprintf("of %s none survives any outage", counted(s.Deliveries, "delivery"))
	case len(s.curve) == 1:
		return fmt.Sprintf("all of %s survive every outage that they met, up to %s", counted(s.Deliveries, "delivery"), roundly(s.longest))
	case last.Share == 0:
		parts = append(parts, "none survives more than "+roundly(last.At))
	default:
		parts = append(parts, fmt.Sprintf("%.0f%% survive what they met, up to %s", 100*last.Share, roundly(s.longest)))
	}
	return fmt.Sprintf("of %s %s", counted(s.Deliveries, "delivery"), strings.Join(parts, ", "))
}

// roundly is a duration to three figures.
func roundly(d time.Duration) string {
	if d <= 0 {
		return "no outage"
	}
	unit := time.Duration(math.Pow(10, math.Floor(math.Log10(float64(d)))-2))
	return d.Round(max(unit, time.Millisecond)).String()
}

func (t *trialRun) showSurvival(s *survival) error {
	if t.flags.html != "" {
		if err := t.writeHTML(survivalHTML, s.plot()); err != nil {
			return err
		}
	}
	if t.flags.asJSON {
		return json.NewEncoder(t.world.stdout).Encode(s)
	}
	_, err := fmt.Fprint(t.world.stdout, s.text())
	return err
}

// barWidth is how many columns stand for all deliveries.
const barWidth = 40

func (s *survival) text() string {
	text := s.says() + "\npolicy  " + s.Policy + "\n\noutage    survive  closed form\n"
	for _, p := range s.Points {
		closed := "      –"
		if p.ClosedForm >= 0 {
			closed = fmt.Sprintf("%6.0f%%", 100*p.ClosedForm)
		}
		text += fmt.Sprintf("%-9s %6.0f%%  %s      %s\n", roundly(time.Duration(p.Outage*float64(time.Second))), 100*p.Survive, closed, strings.Repeat("█", int(math.Round(barWidth*p.Survive))))
	}
	return text
}

//go:embed survival.html
var survivalHTML string
