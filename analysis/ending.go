package analysis

import (
	"strconv"

	"github.com/faultline/faultline/deliveries"
)

// ending is how an attempt ended for its sender, in the words of [expect]: a status such as "503", or one of the three below. "": it was acknowledged.
type ending string

const (
	wellEnded     ending = ""             // a complete 2xx
	connectFailed ending = "connect"      // the kernel refused the connection
	timedOut      ending = "read_timeout" // silence, which the sender ended
	brokenOff     ending = "broken"       // reset, closed or cut, before the answer or in it
)

func endingOf(a *deliveries.Attempt) ending {
	switch {
	case a.Outcome == deliveries.Acknowledged:
		return wellEnded
	case a.Outcome == deliveries.Rejected && a.Answer != nil:
		return statusEnding(a.Answer.Status)
	case a.End == deliveries.Refused:
		return connectFailed
	case a.End == deliveries.Silence && a.EndedBy == deliveries.BySender:
		return timedOut
	default:
		return brokenOff
	}
}

// statusEndings are those of complete answers, by status: there is one for each attempt.
var statusEndings = func() (all [600]ending) {
	for status := range all {
		all[status] = ending(strconv.Itoa(status))
	}
	return all
}()

func statusEnding(status int) ending {
	if status >= 0 && status < len(statusEndings) {
		return statusEndings[status]
	}
	return ending(strconv.Itoa(status))
}

// status is that of a complete answer, 0 for the other endings.
func (e ending) status() int {
	if e == wellEnded || e[0] > '9' {
		return 0
	}
	status, err := strconv.Atoi(string(e))
	if err != nil {
		return 0
	}
	return status
}

// is reports whether the ending is one that a word of [expect] means: itself, or the class of a status such as "5xx".
func (e ending) is(word string) bool {
	class := len(word) == 3 && word[1:] == "xx" && e.status() != 0 && e[0] == word[0]
	return string(e) == word || class
}

// temporary reports whether the answer says that another attempt may fare better: overload, or a fault of the server's.
func (e ending) temporary() bool {
	status := e.status()
	return status == 429 || status == 408 || status/100 == 5
}
