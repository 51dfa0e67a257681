package e2e

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// goSender sends webhooks one after the other over one connection, as a simple sender in Go would.
type goSender struct {
	client *http.Client
}

func newSender(t *testing.T, proxy *harness.Faultline) goSender {
	transport := harness.GoTransport(t, proxy.URL, "")
	t.Cleanup(transport.CloseIdleConnections)
	return goSender{client: &http.Client{Transport: transport}}
}

// post sends one attempt of the delivery named by id, and returns the status, once the answer was read to its end.
func (s goSender) post(url, id string) (int, error) {
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"event":"e2e"}`))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close() // read to its end below, or that error is returned
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, err
	}
	return answer.StatusCode, nil
}

// result is what a sender has of an attempt, in a word.
func (s goSender) result(url, id string) string {
	status, err := s.post(url, id)
	if err != nil {
		return "no answer"
	}
	return strconv.Itoa(status)
}

// get reads a page of the admin listener.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	require.NoError(t, err)
	defer answer.Body.Close() // read to its end
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}
