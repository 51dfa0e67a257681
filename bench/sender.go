package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// A sender is one connection with a request that is built once; only its key changes.
type sender struct {
	load    load
	conn    net.Conn
	request []byte
	key     []byte // the digits of the key, in request
	next    int    // number of the next key
	in      []byte // what was read of an answer

	waits   []time.Duration
	faulted int
}

func newSender(l load, number int) *sender {
	const mark = "00000000"
	request := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nContent-Type: application/json\r\nWebhook-Id: wh_%s\r\nContent-Length: %d\r\n\r\n%s",
		l.url, l.host, mark, bodySize, body())
	s := &sender{load: l, request: []byte(request), next: number, in: make([]byte, 0, 4<<10)}
	at := strings.Index(request, "wh_"+mark) + len("wh_")
	s.key = s.request[at : at+len(mark)]
	return s
}

// body is JSON of bodySize bytes.
func body() string {
	const head, tail = `{"type":"claim.paid","data":"`, `"}`
	return head + strings.Repeat("x", bodySize-len(head)-len(tail)) + tail
}

// dial connects to the proxy, and through it where the load wants a tunnel.
func (s *sender) dial() error {
	conn, err := dialProxy(s.load.proxy)
	if err != nil {
		return err
	}
	s.conn = conn
	if s.load.tunnel == nil {
		return nil
	}
	if err := openTunnel(s.conn, s.load.host); err != nil {
		return err
	}
	secure := tls.Client(s.conn, s.load.tunnel)
	if err := secure.Handshake(); err != nil {
		return fmt.Errorf("handshake through the proxy: %w", err)
	}
	s.conn = secure
	return nil
}

func (s *sender) hangUp() {
	if s.conn != nil {
		s.conn.Close()
		s.conn = nil
	}
}

// run sends until the span is over.
func (s *sender) run(start time.Time, span time.Duration) error {
	s.waits, s.faulted = s.waits[:0], 0
	end := start.Add(span)
	if s.conn != nil {
		if err := s.conn.SetDeadline(end.Add(10 * time.Second)); err != nil {
			return err
		}
	}
	for now := time.Now(); now.Before(end); {
		if err := s.attempt(); err != nil {
			return err
		}
		done := time.Now()
		s.waits = append(s.waits, done.Sub(now))
		now = done
	}
	return nil
}

// attempt sends one and reads its answer.
func (s *sender) attempt() error {
	if s.load.fresh {
		if err := s.dial(); err != nil {
			return err
		}
		defer s.hangUp()
	}
	s.nextKey()
	if _, err := s.conn.Write(s.request); err != nil {
		return fmt.Errorf("send an attempt: %w", err)
	}
	status, err := s.answer()
	if err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}
	switch {
	case status == 200:
	case status == 503 && s.load.faulted:
		s.faulted++
	default:
		return fmt.Errorf("a wrong answer: %q", s.in)
	}
	return nil
}

// nextKey writes the next key into the request.
func (s *sender) nextKey() {
	number := s.next % s.load.keys
	s.next += s.load.senders
	for i := len(s.key) - 1; i >= 0; i-- {
		s.key[i] = byte('0' + number%10)
		number /= 10
	}
}

// answer reads one answer to its end and returns its status.
func (s *sender) answer() (int, error) {
	for s.in = s.in[:0]; ; {
		if err := s.readMore(); err != nil {
			return 0, err
		}
		switch whole, err := isWhole(s.in); {
		case err != nil:
			return 0, err
		case whole:
			return statusOf(s.in), nil
		}
	}
}

// isWhole reports whether an answer is there to its end, by its Content-Length or, if it is chunked, by its last chunk. The target's small body,
// and what a proxy says of a fault, look like no last chunk.
func isWhole(answer []byte) (bool, error) {
	end := bytes.Index(answer, []byte("\r\n\r\n"))
	if end < 0 {
		return false, nil
	}
	head, body := answer[:end+2], answer[end+4:]
	if coding := field(head, "transfer-encoding:"); string(coding) == "chunked" {
		return bytes.HasSuffix(body, []byte("\r\n0\r\n\r\n")), nil
	}
	length, err := strconv.Atoi(string(field(head, "content-length:")))
	if err != nil {
		return false, fmt.Errorf("an answer without a length")
	}
	if len(body) > length {
		return false, fmt.Errorf("%d bytes after the answer %q", len(body)-length, answer)
	}
	return len(body) == length, nil
}

// readMore appends what is there to what was read.
func (s *sender) readMore() error {
	if len(s.in) == cap(s.in) {
		return fmt.Errorf("an answer of more than %d bytes", cap(s.in))
	}
	n, err := s.conn.Read(s.in[len(s.in):cap(s.in)])
	s.in = s.in[:len(s.in)+n]
	if n > 0 {
		return nil
	}
	return err
}

// statusOf is the status of a head, 0 where there is none.
func statusOf(head []byte) int {
	if len(head) < len("HTTP/1.1 200") {
		return 0
	}
	status, err := strconv.Atoi(string(head[9:12]))
	if err != nil {
		return 0
	}
	return status
}

// field is the value of a field of a head, whose lines each end in CR LF; empty where it has none of that name, which is in lower case with its colon.
func field(head []byte, name string) []byte {
	for len(head) > 0 {
		end := bytes.IndexByte(head, '\n') + 1
		if end == 0 {
			return nil
		}
		line := head[:end]
		head = head[end:]
		if len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return bytes.TrimSpace(line[len(name):])
		}
	}
	return nil
}
