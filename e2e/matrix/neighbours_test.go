package matrix

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

const (
	neighbours = 64
	turns      = 2 // of a faulted attempt and one that is none
	clean      = "/clean"
	nameField  = "X-Name"
)

// sequence is a faulted attempt and a clean one, in turns. It tells what the faulted ones came to.
func (n *neighbour) sequence(row row, name string, check func(name string, got told)) (faulted []told) {
	defer n.leave()
	for turn := range turns {
		faulted = append(faulted, n.attempt(n.at.base(row)+row.path(), fmt.Sprintf("%s faulted %d", name, turn)))
		whole := fmt.Sprintf("%s clean %d", name, turn)
		check(whole, n.attempt(n.at.base(row)+row.path()+clean, whole))
	}
	return faulted
}

// endsSoon are the rows that end attempts on connections that stand, within a moment.
func endsSoon(r row) bool {
	return onTheWire(r) && !r.relays && !r.primed && !r.follows && r.sound == "" && r.truth.pace == 0 && r.patience() == harness.Patience
}

// different are one row for each kind and way to end, asked first or not.
func different(rows []row) []row {
	seen := map[string]bool{}
	return chosen(rows, func(r row) bool {
		key := fmt.Sprint(strings.Fields(strings.TrimPrefix(r.fault, "deliver_first = true\n"))[0], r.truth.ends, r.asks)
		defer func() { seen[key] = true }()
		return !seen[key]
	})
}

// TestFaultsStayWithTheirAttempts: of 64 senders at once, each on a connection that it keeps, every second attempt meets a fault, and has what a target that fails
// by itself gives; the others, on the same connection where the fault leaves it, are perfect: with their own bodies, acknowledged, without a trace of a fault.
func TestFaultsStayWithTheirAttempts(t *testing.T) {
	rows := different(chosen(rows(), endsSoon))
	s := newStage(t, rows, sayWho)
	at := map[placement][]row{
		forward:   rows,
		intercept: chosen(rows, func(r row) bool { return slices.Contains([]string{"status", "close", "reset", "truncate"}, r.name) }), // handshakes are dear
	}
	for in, rows := range at {
		truth := s.direct
		if in.secure() {
			truth = s.directTLS
		}
		for _, row := range rows {
			alone := neighbour{at: truth, roots: roots(t, truth.ca)}
			want := alone.sequence(row, "alone", func(_ string, got told) {
				require.Equal(t, told{status: http.StatusOK, body: ten}, got, row.name)
			})
			requireNeighbours(t, s.places[in], row, want, alone.dialed)
		}
	}
	s.faultline.Stop(t)
	attempts := recorded(t, s.faultline.Log)
	for in, rows := range at {
		requireWhole(t, s.shared[in].Seen(), rows)
		for _, row := range rows {
			requireApart(t, attempts[in], row)
		}
	}
}

// requireNeighbours has all senders go through the sequence at once.
func requireNeighbours(t *testing.T, at place, row row, want []told, connections int) {
	t.Helper()
	problems := make(chan string, neighbours*(turns+1))
	var all sync.WaitGroup
	trusted := roots(t, at.ca)
	for i := range neighbours {
		all.Go(func() {
			n := neighbour{at: at, roots: trusted}
			got := n.sequence(row, fmt.Sprint(i), func(name string, got told) {
				if got != (told{status: http.StatusOK, body: name}) {
					problems <- fmt.Sprintf("%s: %q has %+v", row.name, name, got)
				}
			})
			if fmt.Sprint(got) != fmt.Sprint(want) || n.dialed != connections {
				problems <- fmt.Sprintf("%s: sender %d has %+v over %d connections, want %+v over %d", row.name, i, got, n.dialed, want, connections)
			}
		})
	}
	all.Wait()
	close(problems)
	for problem := range problems {
		t.Error(problem)
	}
}

// requireApart: the log knows which attempts met the fault, and which did not.
func requireApart(t *testing.T, attempts map[sent][]harness.Line, row row) {
	t.Helper()
	faulted, untouched := attempts[sent{row.path(), harness.Go}], attempts[sent{row.path() + clean, harness.Go}]
	require.Len(t, faulted, neighbours*turns, row.name)
	for _, attempt := range faulted {
		require.Equal(t, []string{row.name}, attempt.Rules)
		require.Equal(t, 1, attempt.Attempt)
	}
	require.Len(t, untouched, neighbours*turns, row.name)
	for _, attempt := range untouched {
		require.Empty(t, attempt.Rules)
		require.Empty(t, attempt.Faults)
		require.Equal(t, "acknowledged", attempt.Outcome)
		require.Equal(t, 1, attempt.Attempt)
	}
}

// requireWhole: the target got every clean attempt once, with its own body, and of the others those that the rows let through.
func requireWhole(t *testing.T, seen []harness.Seen, rows []row) {
	t.Helper()
	got := map[string]int{}
	for _, one := range seen {
		got[one.Path]++
		name := one.Header.Get(nameField)
		require.Equal(t, fmt.Sprintf("%x", sha256.Sum256([]byte(name))), one.SHA256, "the body of %q at %s", name, one.Path)
	}
	for _, row := range rows {
		require.Equal(t, neighbours*turns, got[row.path()+clean], row.name)
		require.Equal(t, row.asks*neighbours*turns, got[row.path()], row.name)
	}
}

// sayWho answers with the sender's name where nothing is to fail, and else healthily.
func sayWho(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, clean) {
		_, _ = io.WriteString(w, r.Header.Get(nameField)) // a sender that has left shows in what it has
		return
	}
	answerHealthily(w, r)
}
