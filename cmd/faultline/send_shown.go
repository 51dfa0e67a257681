package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/faultline/faultline/sender"
)

// sendShown is what the operator sees of a run.
type sendShown struct {
	w     world
	flags sendFlags
	seed  uint64
}

// delivery shows one that is over. It may be called from several goroutines at once.
func (s *sendShown) delivery(r sender.Result) {
	switch {
	case s.flags.asJSON:
		s.print(string(asJSON(r)))
	case !s.flags.quiet:
		s.print(asText(r))
	}
}

// print writes a line in one piece. Nobody can be told that the terminal is gone.
func (s *sendShown) print(line string) { _, _ = fmt.Fprintln(s.w.stdout, line) }

func asText(r sender.Result) string {
	became := "given up"
	if r.Acknowledged {
		became = "acknowledged"
	}
	var ends []string
	for _, a := range r.Attempts {
		ends = append(ends, endText(a))
	}
	return fmt.Sprintf("%s %-12s %s", r.ID, became, strings.Join(ends, ", "))
}

// endText is how an attempt ended, as its sender saw it.
func endText(a sender.Attempt) string {
	switch a.Ending {
	case sender.Answered:
		return fmt.Sprint(a.Status)
	case sender.TimedOut:
		return "timed out"
	case sender.Interrupted:
		return "interrupted"
	default:
		return "failed (" + printable(rootText(a.Err)) + ")"
	}
}

// rootText is the last part of an error's text, which says what went wrong in the end.
func rootText(err error) string {
	text := err.Error()
	if at := strings.LastIndex(text, ": "); at >= 0 {
		return text[at+2:]
	}
	return text
}

func asJSON(r sender.Result) []byte {
	type attempt struct {
		Start  time.Time `json:"start"`
		MS     float64   `json:"ms"`
		Status int       `json:"status,omitempty"`
		Error  string    `json:"error,omitempty"`
	}
	shown := struct {
		ID           string    `json:"id"`
		Acknowledged bool      `json:"acknowledged"`
		Believed     bool      `json:"believed"` // what the sender itself takes it for
		Attempts     []attempt `json:"attempts"`
	}{r.ID, r.Acknowledged, r.Believed, []attempt{}}
	for _, a := range r.Attempts {
		one := attempt{Start: a.Start.UTC(), MS: float64(a.End.Sub(a.Start).Microseconds()) / 1000, Status: a.Status}
		if a.Err != nil {
			one.Error = a.Err.Error()
		}
		shown.Attempts = append(shown.Attempts, one)
	}
	line, err := json.Marshal(shown)
	if err != nil {
		panic("encode a result: " + err.Error()) // texts, times and numbers
	}
	return line
}

func (s *sendShown) sum(results []sender.Result, took time.Duration) error {
	if s.flags.asJSON {
		return nil
	}
	attempts := 0
	for _, r := range results {
		attempts += len(r.Attempts)
	}
	_, err := fmt.Fprintf(s.w.stdout, "%d of %s acknowledged, %s in %s   --seed %d\n", acknowledged(results), counted(len(results), "delivery"),
		counted(attempts, "attempt"), took.Round(time.Millisecond), s.seed)
	return err
}
