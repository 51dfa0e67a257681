package console

import (
	"net/http"
	"strconv"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// lists answer from what is remembered: attempts, deliveries made of them, and endpoints.
type lists struct{ recent *Recent }

// paths are the lists, by path and method.
func (l lists) paths() map[string]methods {
	return map[string]methods{
		"/api/v1/attempts":   {"GET": listing(texts(outcomes()), l.attempts)},
		"/api/v1/deliveries": {"GET": listing(texts(states()), l.deliveries)},
		"/api/v1/endpoints":  {"GET": listing(texts(states()), l.endpoints)},
	}
}

// listing answers with a page of what a query asks for. States are the values that the list's `state` may have.
func listing[P any](states []string, page func(filter, time.Time) P) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := time.Now()
		f, err := readFilter(r.URL.RawQuery, states, now)
		if err != nil {
			problem{Status: http.StatusBadRequest, Detail: err.Error()}.write(w)
			return
		}
		writeJSON(w, page(f, now))
	}
}

// paged is the first page of what was chosen, never nil, and the cursor that the next one goes on at; nil when there is none. A cursor is a text, as JavaScript
// has no such integers.
func paged[T any](chosen []T, limit int, cursor func(T) uint64) (page []T, next *string) {
	if len(chosen) <= limit {
		return orEmpty(chosen), nil
	}
	text := strconv.FormatUint(cursor(chosen[limit-1]), 10)
	return chosen[:limit], &text
}

func states() []deliveries.State {
	return []deliveries.State{deliveries.StateAcknowledged, deliveries.StateOpen, deliveries.StateLost}
}

func texts[T ~string](names []T) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = string(name)
	}
	return all
}
