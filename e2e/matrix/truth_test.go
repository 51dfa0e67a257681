package matrix

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/faultline/faultline/internal/wiretest"
)

// failure is what a target does by itself with a request: the truth that a fault imitates. The zero value reads it and says nothing more.
type failure struct {
	reads  part
	first  string        // interim answers, before the silence
	silent time.Duration // before the answer
	says   string        // the answer, byte for byte
	pace   time.Duration // between two of its bytes; 0: all at once
	held   time.Duration // behind its last byte
	ends   ending
}

// part is how much of a request is read before anything else is done. The rest is read later.
type part int

const (
	whole part = iota
	half       // its head and half of its body
	heads      // its head
)

// ending is what becomes of the connection behind the last byte.
type ending int

const (
	stays    ending = iota // open: for the next request after a whole answer, else until the client has left
	finishes               // FIN
	resets                 // RST
)

// forEver is longer than any client of the matrix waits.
const forEver = time.Hour

// ten is the body of every answer that is not said to have another.
const ten = "0123456789"

// healthy is how a target that does not fail answers every request.
func healthy() failure { return answering(head("Content-Length: 10") + ten) }

// answering is an answer at once, behind which the connection stays.
func answering(says string) failure { return failure{says: says} }

// head is the head of an answer of JSON with these further lines.
func head(lines ...string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + strings.Join(append(lines, "\r\n"), "\r\n")
}

// exchange is how a side saw a request and its end, in the words of the log.
type exchange struct {
	Method                string
	Status                int
	Bytes                 int64 // of the body
	Outcome, End, EndedBy string
}

// answered is the answer that is said, as a client reads it: its status, the size of what came of its body, and whether it is whole. Bytes that are no
// answer are the body of one without a status.
func (f failure) answered() (status int, size int64, whole bool) {
	if f.says == "" {
		return 0, 0, false
	}
	said := bufio.NewReader(strings.NewReader(f.says))
	answer, err := http.ReadResponse(said, &http.Request{Method: http.MethodPost})
	if err != nil {
		return 0, int64(len(f.says)), false
	}
	rest := int64(said.Buffered())
	size, err = io.Copy(io.Discard, answer.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		size = rest // framed in a way that nobody can read
	}
	return answer.StatusCode, size, err == nil
}

// carryOut fails as it says, and tells what was seen of it; by is who ends what the client does not end.
func (f failure) carryOut(c *wiretest.Conn, request *http.Request, by string) exchange {
	status, size, complete := f.answered()
	saw := exchange{Method: request.Method, Status: status, Bytes: size, Outcome: "broken", End: "cut", EndedBy: by}
	switch {
	case f.says == "":
		saw.Outcome, saw.End = "unanswered", "fin"
	case complete && status/100 == 2:
		saw.Outcome = "acknowledged"
	case complete:
		saw.Outcome = "rejected"
	}
	switch said, left := f.leaves(c, request); {
	case left && said == 0:
		return exchange{Method: request.Method, Outcome: "unanswered", End: "silence", EndedBy: "sender"}
	case left:
		saw.Outcome, saw.End, saw.EndedBy = "broken", "silence", "sender"
		saw.Bytes = max(0, size-int64(len(f.says)-said))
	case f.held > 0 && gone(c, f.held):
		saw.End, saw.EndedBy = "silence", "sender"
	case f.ends == resets:
		c.Reset()
		saw.End = "reset"
	case f.ends == finishes:
		// An error means that the client has left already.
		_ = c.CloseWrite()
		_ = c.TCPConn.CloseWrite()
		untilGone(c)
	case complete:
		saw.End = "complete"
	default:
		untilGone(c)
		saw.End, saw.EndedBy = "silence", "sender"
	}
	return saw
}

// leaves says all that is to be said, and tells how much of the answer was, and whether the client left before.
func (f failure) leaves(c *wiretest.Conn, request *http.Request) (said int, left bool) {
	read := map[part]int64{whole: request.ContentLength, half: request.ContentLength / 2, heads: 0}[f.reads]
	if _, err := io.CopyN(io.Discard, request.Body, read); err != nil {
		return 0, true
	}
	if _, err := io.WriteString(c, f.first); err != nil || f.silent > 0 && gone(c, f.silent) {
		return 0, true
	}
	begun := time.Now()
	for pieces := []byte(f.says); said < len(pieces); {
		piece := pieces[said:]
		if f.pace > 0 {
			piece = piece[:1]
			if early := time.Until(begun.Add(time.Duration(said) * f.pace)); early > 0 && gone(c, early) {
				return said, true
			}
		}
		n, err := c.Write(piece)
		said += n
		if err != nil {
			return said, true
		}
	}
	if f.ends == stays {
		_, err := io.Copy(io.Discard, request.Body)
		return said, err != nil
	}
	return said, false
}

// untilGone waits until the client has left.
func untilGone(c net.Conn) { gone(c, forEver) }

// gone waits for a time, and reports whether the client left within it.
func gone(c net.Conn, within time.Duration) bool {
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		return true
	}
	_, err := io.Copy(io.Discard, c)
	return !errors.Is(err, os.ErrDeadlineExceeded) || c.SetReadDeadline(time.Time{}) != nil
}
