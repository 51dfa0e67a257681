package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// apiCall is a call of the application's API that is to make it send a webhook, or with no URL for one must not.
type apiCall struct {
	url     string
	address string // host and port of it
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
	at, err := url.Parse(f.api)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, usage("--api %q: want a URL such as http://127.0.0.1:8000/claims", f.api)
	}
	c := &apiCall{url: f.api, address: net.JoinHostPort(at.Hostname(), cmp.Or(at.Port(), at.Scheme)), payload: make(map[string]json.RawMessage), field: f.webhookField, webhook: f.webhookURL}
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
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &c.payload); err != nil {
		return nil, usage("--payload %s: want a JSON object: %w", f.payload, err)
	}
	return c, nil
}

const (
	// startPatience is how long the application's API has to start.
	startPatience = 30 * time.Second
	// callPatience is how long it has for an answer.
	callPatience = time.Minute
)

// call calls the API, with or without a webhook. It goes there directly: what is tested is what it sends, not how it is reached.
func (c *apiCall) call(ctx context.Context, withWebhook bool) (apiAnswer, error) {
	payload := make(map[string]json.RawMessage, len(c.payload)+1)
	for name, value := range c.payload {
		if name != c.field {
			payload[name] = value
		}
	}
	if withWebhook {
		to, err := json.Marshal(c.webhook)
		if err != nil {
			return apiAnswer{}, err
		}
		payload[c.field] = to
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

// await waits until something listens at the API, which may be COMMAND itself; the call that follows says what is wrong where nothing does.
func (c *apiCall) await(ctx context.Context, ended <-chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.address)
		if err == nil {
			_ = conn.Close() // nothing was sent
			return
		}
		select {
		case <-tick.C:
		case <-ended:
			return
		case <-ctx.Done():
			return
		}
	}
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
	if differs := difference(without.body, with.body); differs != "" {
		say("  the answers differ: %s", differs)
	}
	switch {
	case with.status != without.status:
		return exit{exitFail, fmt.Errorf("the API answers %d with a webhook, and %d without", with.status, without.status)}
	case with.status/100 != 2:
		return exit{exitInconclusive, fmt.Errorf("the API answers %d", with.status)}
	default:
		return nil
	}
}

// difference says how two answers differ: of JSON objects it names the fields, as an id or a time may well. "" where they are alike.
func difference(without, with []byte) string {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(without, &a) != nil || json.Unmarshal(with, &b) != nil {
		if bytes.Equal(without, with) {
			return ""
		}
		return fmt.Sprintf("%d bytes without a webhook, %d with one", len(without), len(with))
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if value, both := b[name]; !both {
			parts = append(parts, name+" only without a webhook")
		} else if !bytes.Equal(a[name], value) {
			parts = append(parts, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if _, both := a[name]; !both {
			parts = append(parts, name+" only with one")
		}
	}
	return strings.Join(parts, ", ")
}
