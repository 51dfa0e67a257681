package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// apiCall is a call of the application's API that is to make it send a webhook, or with no URL for one must not.
type apiCall struct {
	url     string
	payload map[string]json.RawMessage
	field   string // of the payload, that has the webhook's URL
	webhook string
}

// apiAnswer is what a call came to.
type apiAnswer struct {
	status int
	took   time.Duration
	body   []byte
}

// readAPICall reads --api and --payload; nil where there is none.
func (f trialFlags) readAPICall() (*apiCall, error) {
	if f.api == "" {
		return nil, nil
	}
	c := &apiCall{url: f.api, payload: make(map[string]json.RawMessage), field: f.webhookField, webhook: f.webhookURL}
	if c.webhook == "" {
		c.webhook = f.target
	}
	if c.webhook == "" {
		return nil, usage("--api wants --webhook-url, or --target: where the webhook is to go")
	}
	if f.payload == "" {
		return c, nil
	}
	text, err := os.ReadFile(f.payload)
	if err != nil {
		return nil, usage("--payload: %w", err)
	}
	if err := json.Unmarshal(text, &c.payload); err != nil {
		return nil, usage("--payload %s: want a JSON object: %w", f.payload, err)
	}
	return c, nil
}

// callPatience is how long the application's API has for an answer.
const callPatience = time.Minute

// call calls the API, with or without a webhook. It goes there directly: what is tested is what it sends, not how it is reached.
func (c *apiCall) call(ctx context.Context, withWebhook bool) (apiAnswer, error) {
	payload := make(map[string]json.RawMessage, len(c.payload)+1)
	for name, value := range c.payload {
		if name != c.field {
			payload[name] = value
		}
	}
	if withWebhook {
		url, err := json.Marshal(c.webhook)
		if err != nil {
			return apiAnswer{}, err
		}
		payload[c.field] = url
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return apiAnswer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return apiAnswer{}, usage("--api: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	begun := time.Now()
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return apiAnswer{}, exit{exitInconclusive, fmt.Errorf("call the API at %s: %w", c.url, err)}
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return apiAnswer{}, exit{exitInconclusive, fmt.Errorf("call the API at %s: %w", c.url, err)}
	}
	return apiAnswer{resp.StatusCode, time.Since(begun), answer}, nil
}

// both calls the API without a webhook, then with one, and compares: a webhook must change nothing of the answer.
func (c *apiCall) both(ctx context.Context, say func(string, ...any)) error {
	without, err := c.call(ctx, false)
	if err != nil {
		return err
	}
	with, err := c.call(ctx, true)
	if err != nil {
		return err
	}
	say("api: without a webhook %d in %s, with one %d in %s", without.status, without.took.Round(time.Millisecond), with.status, with.took.Round(time.Millisecond))
	switch {
	case with.status != without.status:
		return exit{exitFail, fmt.Errorf("the API answers %d with a webhook, and %d without", with.status, without.status)}
	case with.status/100 != 2:
		return exit{exitInconclusive, fmt.Errorf("the API answers %d", with.status)}
	case len(with.body) != len(without.body):
		say("  the answers differ in length: %d bytes without, %d with", len(without.body), len(with.body))
	}
	return nil
}
