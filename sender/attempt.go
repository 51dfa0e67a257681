package sender

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxAnswer is how much of an answer's body is read. What comes beyond does not matter to a sender of webhooks.
const maxAnswer = 1 << 20

// newClient makes a client that sends what it is told to send, once.
func newClient(proxy *url.URL) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Client{
		Timeout:       0, // the attempt's context bounds all of it
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:       func(*http.Request) (*url.URL, error) { return proxy, nil },
			DialContext: (&net.Dialer{Timeout: 0, KeepAlive: 0}).DialContext,
			// A connection per attempt, as requests.post makes it; and Transport re-sends only on reused ones.
			DisableKeepAlives:      true,
			DisableCompression:     true,
			TLSHandshakeTimeout:    0,
			ResponseHeaderTimeout:  0,
			ExpectContinueTimeout:  0,
			IdleConnTimeout:        0,
			MaxResponseHeaderBytes: maxAnswer,
			Protocols:              protocols,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		},
	}
}

// attempt sends the webhook once and waits for the end.
func (s *Sender) attempt(ctx context.Context, hook Webhook) Attempt {
	return s.once(ctx, func(ctx context.Context) (*http.Response, error) { return s.exchange(ctx, hook) })
}

// once makes an exchange within the policy's Timeout.
func (s *Sender) once(ctx context.Context, exchange func(context.Context) (*http.Response, error)) Attempt {
	a := Attempt{Start: time.Now()}
	within, cancel := ctx, context.CancelFunc(func() {})
	if s.cfg.Policy.Timeout > 0 {
		within, cancel = context.WithTimeout(ctx, s.cfg.Policy.Timeout)
	}
	defer cancel()
	resp, err := exchange(within)
	a.End = time.Now()
	if err != nil {
		a.Ending, a.Err = endingOf(ctx, within), err
		return a
	}
	a.Status = resp.StatusCode
	a.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), a.End)
	return a
}

// exchange sends the webhook.
func (s *Sender) exchange(ctx context.Context, hook Webhook) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(hook.Body))
	if err != nil {
		return nil, fmt.Errorf("make request for webhook %q: %w", hook.ID, err)
	}
	r.GetBody = nil // with it, the client could send the request again by itself
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "faultline-sender")
	for name, values := range s.cfg.Header {
		r.Header[name] = values
	}
	if !s.cfg.Unkeyed {
		r.Header.Set("Webhook-Id", hook.ID)
	}
	resp, err := s.do(r)
	if err != nil {
		return nil, fmt.Errorf("webhook %q: %w", hook.ID, err)
	}
	return resp, nil
}

// do returns the head of an answer whose body was read to its end and closed.
func (s *Sender) do(r *http.Request) (*http.Response, error) {
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return resp, nil
}

// endingOf tells why an exchange failed: its own time limit, the sender's end, or the connection.
func endingOf(sender, attempt context.Context) Ending {
	switch {
	case sender.Err() != nil:
		return Interrupted
	case attempt.Err() != nil:
		return TimedOut
	default:
		return Failed
	}
}

// retryAfter is what a Retry-After announces (RFC 9110 10.2.3): seconds or a date; 0 for one that cannot be read or is past.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return time.Duration(min(seconds, math.MaxInt64/uint64(time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}
