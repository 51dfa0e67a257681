package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/sender"
)

// replay is what is done about one lost delivery.
type replay struct {
	story   analysis.Story
	attempt *deliveries.Attempt // nil: there is none that could be sent
	request sender.Request
	result  replayResult
	why     error // of left_out, cannot_send and failed
	status  int   // of the answer to it; 0: none
	took    time.Duration
}

// replayResult is what becomes of it.
type replayResult string

const (
	replayReady      replayResult = "would_send"
	replayLeftOut    replayResult = "left_out"    // it may be there already
	replayImpossible replayResult = "cannot_send" // the log does not have what is to be sent
	replayDelivered  replayResult = "delivered"
	replayFailed     replayResult = "failed"
	replayUnsent     replayResult = "not_sent" // interrupted before
)

// take takes the attempt as the log has it.
func (r *replay) take(a *deliveries.Attempt, given http.Header) {
	if a == nil {
		r.result, r.why = replayImpossible, errors.New("it was removed from the log meanwhile")
		return
	}
	request, err := sender.RequestOf(a, given)
	if err != nil {
		r.result, r.why = replayImpossible, err
		return
	}
	r.request = request
}

// send sends it, if that is to be done.
func (r *replay) send(ctx context.Context, s *sender.Sender) {
	if r.result != replayReady {
		return
	}
	if ctx.Err() != nil {
		r.result = replayUnsent
		return
	}
	a := s.Send(ctx, r.request)
	r.status, r.took = a.Status, a.End.Sub(a.Start)
	r.result = replayDelivered
	if a.Status/100 != 2 {
		r.result, r.why = replayFailed, a.Err
	}
}

// print says what is done about it.
func (r *replay) print(w world, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w.stdout).Encode(r.json())
	}
	_, err := fmt.Fprintln(w.stdout, r)
	return err
}

type replayList []replay

// end says what all of it comes to, and gives the exit code.
func (list replayList) end(ctx context.Context, w world, asJSON bool) error {
	counts := make(map[replayResult]int)
	for _, r := range list {
		counts[r.result]++
	}
	if !asJSON {
		if _, err := fmt.Fprintln(w.stdout, summary(len(list), counts)); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return exit{code: exitInterrupted}
	case counts[replayImpossible]+counts[replayFailed] > 0:
		return exit{code: exitFail}
	default:
		return nil
	}
}

// summary is the last line.
func summary(all int, counts map[replayResult]int) string {
	var parts []string
	for _, of := range [...]struct {
		result replayResult
		words  string
	}{
		{replayDelivered, "delivered"}, {replayFailed, "failed"}, {replayReady, "would be sent: --send does it"}, {replayUnsent, "not sent, as it was interrupted"},
		{replayLeftOut, "left out: --even-if-reached takes them in"}, {replayImpossible, "cannot be sent"},
	} {
		if n := counts[of.result]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, of.words))
		}
	}
	if all == 0 {
		return "no delivery is lost"
	}
	return fmt.Sprintf("%d lost: %s", all, strings.Join(parts, "; "))
}

// String is the line for people.
func (r *replay) String() string {
	text := fmt.Sprintf("%-11s %-20s %s", strings.ReplaceAll(string(r.result), "_", " "), printable(nameOf(r.story)), printable(r.story.Endpoint))
	switch {
	case r.status != 0:
		return fmt.Sprintf("%s  %d in %s", text, r.status, r.took.Round(time.Millisecond))
	case r.why != nil:
		return fmt.Sprintf("%s  %v", text, r.why)
	case r.attempt != nil:
		return fmt.Sprintf("%s  attempt %d, %d bytes", text, r.attempt.Attempt, r.attempt.Request.Bytes)
	default:
		return text
	}
}

// nameOf is the delivery's key, or the beginning of its id.
func nameOf(s analysis.Story) string {
	return cmp.Or(s.Key, s.Delivery.ID[:min(12, len(s.Delivery.ID))])
}

// replayJSON is the line for programs.
type replayJSON struct {
	Delivery string       `json:"delivery"`
	Key      string       `json:"key"`
	Endpoint string       `json:"endpoint"`
	Attempt  string       `json:"attempt"` // id of the one that is sent again; empty: none can be
	Result   replayResult `json:"result"`  // would_send, delivered, failed, not_sent, left_out or cannot_send
	Status   int          `json:"status"`  // of the answer; 0: none
	Why      string       `json:"why"`     // of what was not delivered
}

func (r *replay) json() replayJSON {
	out := replayJSON{Delivery: r.story.Delivery.ID, Key: r.story.Key, Endpoint: r.story.Endpoint, Result: r.result, Status: r.status}
	if r.attempt != nil {
		out.Attempt = r.attempt.ID
	}
	if r.why != nil {
		out.Why = r.why.Error()
	}
	return out
}
