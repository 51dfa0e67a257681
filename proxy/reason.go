package proxy

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// reason is what an answer says behind its status (RFC 9112 4), where that is not what net/http would write.
type reason struct {
	status int
	text   string
}

// phrase has the answer that is about to be written to the sender say what the target's own said: senders put it into their errors.
func (x *exchange) phrase(resp *http.Response) {
	_, text, _ := strings.Cut(resp.Status, " ")
	if text != http.StatusText(resp.StatusCode) {
		x.conn.reason.Store(&reason{resp.StatusCode, text})
	}
}

// in puts the phrase into the head of an answer of its status; false: p begins no such head.
func (r *reason) in(p []byte) ([]byte, bool) {
	line, rest, ended := bytes.Cut(p, []byte("\r\n"))
	version, status, isHead := bytes.Cut(line, []byte(" "))
	if !ended || !isHead || !bytes.HasPrefix(version, []byte("HTTP/1.")) || !bytes.HasPrefix(status, strconv.AppendInt(nil, int64(r.status), 10)) {
		return nil, false
	}
	head := make([]byte, 0, len(p)+len(r.text))
	head = append(append(head, version...), ' ')
	head = append(strconv.AppendInt(head, int64(r.status), 10), ' ')
	head = append(append(head, r.text...), "\r\n"...)
	return append(head, rest...), true
}
