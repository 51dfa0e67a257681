package sender

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultAttempts is how many attempts a policy makes whose text does not say.
const defaultAttempts = 5

// maxAttempts is the most that a policy's text may ask for.
const maxAttempts = 1000

// defaultTimeout is the Timeout of policies that are read from text.
const defaultTimeout = 10 * time.Second

// IgnoresStatus is the name of the policy with the bug: connection failures are retried, an answer is an answer, be it a 500.
const IgnoresStatus = "ignores-status"

// ParsePolicy reads the text form of a policy: a shape, its figures in this order, then jitter and the number of attempts in all, if given.
//
//	none                                      one attempt
//	constant 1s                               5 attempts, 1 s apart
//	exponential 1s x2 cap 5m full-jitter 5    1 s, 2 s, 4 s, … at most 5 m, each times a draw from [0,1); x2 may be left out
//	schedule 5s 5m 30m equal-jitter           as many attempts as pauses, and one
//	ignores-status                            exponential 1s x2 full-jitter 5, connection failures only
//
// Whatever is not a 2xx is retried, connection failures and timeouts (10 s) too, but by ignores-status.
func ParsePolicy(text string) (Policy, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Policy{}, fmt.Errorf("policy %q: want one of none, constant, exponential, schedule, %s", text, IgnoresStatus)
	}
	if words[0] == IgnoresStatus {
		if len(words) > 1 {
			return Policy{}, fmt.Errorf("policy %q: got %q, want it alone", text, IgnoresStatus)
		}
		return ignoresStatus(), nil
	}
	r := policyReader{words: words[1:], policy: Policy{
		Retry:   Retry{Statuses: AnyStatus, Connection: true, Timeout: true},
		Timeout: defaultTimeout,
	}}
	if err := r.read(words[0]); err != nil {
		return Policy{}, fmt.Errorf("policy %q: %w", text, err)
	}
	return r.policy, nil
}

func ignoresStatus() Policy {
	return Policy{
		Attempts:          defaultAttempts,
		Backoff:           Backoff{Shape: Exponential, First: time.Second, Factor: 2},
		Jitter:            FullJitter,
		Retry:             Retry{Connection: true, Timeout: true},
		Timeout:           defaultTimeout,
		BelievesAnyAnswer: true,
	}
}

// String is the text of backoff, jitter and attempts, as ParsePolicy reads them. What is retried is not in it.
func (p Policy) String() string {
	words := []string{p.Backoff.Shape.String()}
	switch b := p.Backoff; b.Shape {
	case AtOnce:
		return words[0]
	case Constant:
		words = append(words, b.First.String())
	case Exponential:
		words = append(words, b.First.String(), "x"+strconv.FormatFloat(b.Factor, 'g', -1, 64))
		if b.Cap > 0 {
			words = append(words, "cap", b.Cap.String())
		}
	case Scheduled:
		for _, pause := range b.Schedule {
			words = append(words, pause.String())
		}
	default:
		panic(fmt.Sprintf("sender: shape %d", int(b.Shape)))
	}
	if p.Jitter != NoJitter {
		words = append(words, p.Jitter.String())
	}
	return strings.Join(append(words, strconv.Itoa(max(1, p.Attempts))), " ")
}

// policyReader reads the words after a policy's shape.
type policyReader struct {
	words  []string
	policy Policy
}

func (r *policyReader) read(shape string) error {
	switch shape {
	case AtOnce.String():
		r.policy.Attempts = 1
		return r.end()
	case Constant.String():
		r.policy.Backoff.Shape = Constant
		return r.first(func() error { return nil })
	case Exponential.String():
		r.policy.Backoff.Shape = Exponential
		return r.first(r.growth)
	case Scheduled.String():
		r.policy.Backoff.Shape = Scheduled
		return r.schedule()
	default:
		return fmt.Errorf("got %q, want one of none, constant, exponential, schedule, %s", shape, IgnoresStatus)
	}
}

// first reads the first pause, then what the shape has of its own, then the rest.
func (r *policyReader) first(own func() error) error {
	shape := r.policy.Backoff.Shape
	if len(r.words) == 0 {
		return fmt.Errorf("no first pause, want it after the shape, as in \"%s 1s\"", shape)
	}
	pause, err := parsePause(r.next())
	if err != nil {
		return err
	}
	if pause == 0 && shape == Exponential {
		return fmt.Errorf("first pause is 0, and nothing grows from it")
	}
	r.policy.Backoff.First = pause
	if err := own(); err != nil {
		return err
	}
	return r.rest(defaultAttempts)
}

// growth reads the factor and the cap of an exponential backoff.
func (r *policyReader) growth() error {
	b := &r.policy.Backoff
	b.Factor = 2
	if len(r.words) > 0 && strings.HasPrefix(r.words[0], "x") {
		word := r.next()
		factor, err := strconv.ParseFloat(word[1:], 64)
		if err != nil || !(factor >= 1) || math.IsInf(factor, 0) {
			return fmt.Errorf("factor %q, want x and a number from 1, as in x2", word)
		}
		b.Factor = factor
	}
	if len(r.words) == 0 || r.words[0] != "cap" {
		return nil
	}
	r.next()
	if len(r.words) == 0 {
		return fmt.Errorf("no pause after cap")
	}
	longest, err := parsePause(r.next())
	if err != nil {
		return err
	}
	if longest < b.First {
		return fmt.Errorf("cap %s is shorter than the first pause %s", longest, b.First)
	}
	b.Cap = longest
	return nil
}

func (r *policyReader) schedule() error {
	b := &r.policy.Backoff
	for len(r.words) > 0 {
		pause, err := parsePause(r.words[0])
		if err != nil {
			break // what follows the pauses
		}
		b.Schedule = append(b.Schedule, pause)
		r.next()
	}
	if len(b.Schedule) == 0 {
		return fmt.Errorf("no pauses, want them after the shape, as in \"schedule 5s 5m\"")
	}
	return r.rest(len(b.Schedule) + 1)
}

// rest reads jitter and attempts.
func (r *policyReader) rest(attempts int) error {
	r.policy.Attempts = attempts
	isJitter := func(w string) bool { return strings.HasSuffix(w, "-jitter") }
	if word, ok := r.take(isJitter); ok {
		at := slices.Index([]string{FullJitter.String(), EqualJitter.String()}, word)
		if at < 0 {
			return fmt.Errorf("jitter %q, want one of full-jitter, equal-jitter", word)
		}
		r.policy.Jitter = []Jitter{FullJitter, EqualJitter}[at]
	}
	isCount := func(w string) bool { _, err := strconv.Atoi(w); return err == nil }
	if word, ok := r.take(isCount); ok {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > maxAttempts {
			return fmt.Errorf("attempts %q, want 1 to %d", word, maxAttempts)
		}
		r.policy.Attempts = n
	}
	return r.end()
}

func (r *policyReader) end() error {
	if len(r.words) > 0 {
		return fmt.Errorf("got %q, want nothing more", strings.Join(r.words, " "))
	}
	return nil
}

func (r *policyReader) next() string {
	word := r.words[0]
	r.words = r.words[1:]
	return word
}

// take takes out the first word that is what is looked for.
func (r *policyReader) take(is func(string) bool) (string, bool) {
	at := slices.IndexFunc(r.words, is)
	if at < 0 {
		return "", false
	}
	word := r.words[at]
	r.words = slices.Delete(r.words, at, at+1)
	return word, true
}

func parsePause(word string) (time.Duration, error) {
	pause, err := time.ParseDuration(word)
	if err != nil || pause < 0 {
		return 0, fmt.Errorf("pause %q, want a duration, as in 500ms or 5m", word)
	}
	return pause, nil
}
