package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/faultline/faultline/http1"
)

// targetConn is a connection to a target, with at most one request on it at a time.
type targetConn struct {
	net.Conn
	raw     *net.TCPConn
	control syscall.RawConn // of raw
	addr    string
	secure  bool
	proxied bool // a proxy that is to forward what it gets
	reused  bool
	readers *readers
	br      *bufio.Reader // lent by them while an attempt is under way
	got     bool          // a byte of the present answer was read
	asked   atomic.Bool   // the request under way went out whole
	gone    sync.Once
	uncount func() // says that its descriptor is free
	remote  string // address and port that it is connected to
}

// maxAnswerHead bounds the head of a target's answer, interim answers included.
const maxAnswerHead = 1 << 20

var errHeadTooLarge = fmt.Errorf("target's answer: head over %d bytes", maxAnswerHead)

func (c *targetConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.got = c.got || n > 0
	return n, err
}

// close is for connections that nobody will read from again: its error tells nothing that anybody could act on.
func (c *targetConn) close() {
	_ = c.Conn.Close()
	c.gone.Do(c.uncount)
}

// giveUp ends the exchange under way. What has gone out in part must not be followed by a FIN, which says that no more was meant to come.
func (c *targetConn) giveUp() {
	if c.asked.Load() {
		c.close()
		return
	}
	c.reset()
}

// closeWrite sends a FIN, over TLS after a close_notify.
func (c *targetConn) closeWrite() error {
	if secured, ok := c.Conn.(*tls.Conn); ok {
		if err := secured.CloseWrite(); err != nil {
			return err
		}
	}
	return c.raw.CloseWrite()
}

// reset makes sure that the target does not take what it got for a whole request.
func (c *targetConn) reset() {
	// An error means that the socket is closed already.
	_ = c.raw.SetLinger(0)
	_ = c.raw.Close()
	c.gone.Do(c.uncount)
}

// stale looks, without waiting, whether the target has closed the connection or sent something unasked.
func (c *targetConn) stale() bool {
	if c.br.Buffered() > 0 {
		return true
	}
	quiet := false
	err := c.control.Control(func(fd uintptr) {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		quiet = n == 0 && err == nil
	})
	if err != nil {
		return true
	}
	return !quiet && !(c.secure && c.onlyTickets())
}

// onlyTickets takes what TLS itself has sent since the last answer (session tickets, RFC 8446 4.6.1), and reports whether that was all.
func (c *targetConn) onlyTickets() bool {
	if err := c.Conn.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		return false
	}
	_, err := c.br.Peek(1)
	return errors.Is(err, os.ErrDeadlineExceeded) && c.Conn.SetReadDeadline(time.Time{}) == nil
}

// errHandshake is a target with which no TLS connection came about.
var errHandshake = errors.New("TLS handshake with the target")

// dial opens a connection to a target. Only what a guard lets through on the resolved address is connected to.
func (s *Server) dial(ctx context.Context, to destination) (*targetConn, error) {
	addr := to.addr
	secure := to.scheme == "https"
	conn, err := s.reach(ctx, addr, secure)
	if exhausted(err) && s.conns.makeRoom() {
		conn, err = s.reach(ctx, addr, secure)
	}
	if err != nil {
		return nil, err
	}
	control, err := conn.SyscallConn()
	if err != nil {
		_ = conn.Close() // nobody will use it
		return nil, fmt.Errorf("socket of a connection to the target: %w", err)
	}
	c := &targetConn{
		Conn: conn, raw: conn, control: control, remote: conn.RemoteAddr().String(), proxied: s.cfg.Parent != "" && !secure,
		addr:    strings.Clone(addr), // it would hold the head in memory that it was read from
		uncount: s.uncountTarget, readers: &s.readers,
	}
	s.targets.Add(1)
	if secure {
		secured := tls.Client(conn, &tls.Config{
			ServerName: to.serverName(), NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12, RootCAs: s.cfg.Targets, InsecureSkipVerify: s.cfg.Unverified,
			CurvePreferences: to.exchanges,
		})
		if err := secured.HandshakeContext(ctx); err != nil {
			c.close()
			return nil, fmt.Errorf("%w: %w", errHandshake, err)
		}
		c.Conn, c.secure = secured, true
	}
	c.br = c.readers.lend(c)
	return c, nil
}

// framedAnswer is an answer with its body.
type framedAnswer struct {
	http.Response
	body http1.Body
}

// answerHead reads the head of the answer to a request of this method. Interim answers go to interim; a 101 is one only when it was asked for.
func (c *targetConn) answerHead(method string, asked101 bool, interim func(*http.Response)) (*http.Response, error) {
	c.got = c.br.Buffered() > 0
	for room := maxAnswerHead; ; {
		text, err := http1.ReadHead(c.br, room, http1.StatusLine)
		if err != nil {
			return nil, noAnswer(text, err)
		}
		room -= len(text)
		answer := new(framedAnswer)
		resp := &answer.Response
		if err := http1.ParseAnswer(resp, text, method); err != nil {
			return nil, fmt.Errorf("target's answer: %w", err)
		}
		switch {
		case resp.ProtoMajor != 1:
			return nil, fmt.Errorf("target's answer: version %s", resp.Proto)
		case resp.StatusCode == http.StatusSwitchingProtocols && asked101:
			return resp, nil
		case resp.StatusCode == http.StatusSwitchingProtocols:
			return nil, errors.New("target's answer: 101 that nobody asked for")
		case resp.StatusCode >= 200:
			answer.body.BeginAnswer(resp, method, c.br)
			resp.Body = &answer.body
			return resp, nil
		}
		interim(resp)
	}
}

// noAnswer is why a head could not be read, of which this had come.
func noAnswer(text string, err error) error {
	var why *http1.Malformed
	switch {
	case errors.As(err, &why):
		return fmt.Errorf("target's answer: %w", err)
	case errors.Is(err, http1.ErrTooLong):
		return errHeadTooLarge
	case errors.Is(err, io.EOF) && text != "":
		return io.ErrUnexpectedEOF
	default:
		return err
	}
}

// answerBody is the body of a target's answer on its way: counted, its failure kept. At its end the connection goes back, or is closed. Close may be
// called more than once.
type answerBody struct {
	src   io.ReadCloser
	late  bool // nothing of it had come with the head
	n     int64
	err   error // what broke the body; nil at a true end
	ended bool
	done  func(whole bool)
	conn  *targetConn // that it comes by; nil: none, it is all there
	once  sync.Once
	lent  *copyBuffers
}

func (b *answerBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err // a RST would be told once
	}
	n, err := b.src.Read(p)
	b.n += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		b.ended = true
		b.once.Do(func() { b.done(true) })
	case err != nil:
		b.err = err
	}
	return n, err
}

// interrupt ends a read that is under way; it may be called beside it.
func (b *answerBody) interrupt() {
	if b.conn != nil {
		b.conn.close()
	}
}

// WriteTo is what io.Copy calls instead of making a buffer of its own.
func (b *answerBody) WriteTo(w io.Writer) (int64, error) { return b.lent.copy(w, b) }

// Close ends the exchange with the target; a connection with an unread rest is closed.
func (b *answerBody) Close() error {
	b.once.Do(func() { b.done(b.ended) })
	return nil
}
