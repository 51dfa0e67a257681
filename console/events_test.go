package console

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

// pipes is a listener whose connections hold not one byte: a write ends when it was read, and time may be virtual.
type pipes struct {
	calls chan net.Conn
	ended chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error { close(p.ended); return nil }

func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9128} }

// servePipes runs the admin listener until the end of the test, which stop may bring forward.
func servePipes(t *testing.T, r *Recent) (p pipes, stop func()) {
	p = pipes{make(chan net.Conn), make(chan struct{})}
	server := NewServer(NewMetrics(Config{Control: newDesk(), Recent: r}))
	served := make(chan error)
	go func() { served <- server.Serve(p) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			require.NoError(t, server.Close())
			require.NoError(t, <-served)
		}
	}
	t.Cleanup(stop)
	return p, stop
}

// listener is a reader of events.
type listener struct {
	t    *testing.T
	conn net.Conn
	head *http.Response
	body *bufio.Reader
}

// listen asks for events, the header's lines as given, and reads the head of the answer.
func (p pipes) listen(t *testing.T, header ...string) *listener {
	ours, theirs := net.Pipe()
	p.calls <- theirs
	_, err := fmt.Fprintf(ours, "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n%s\r\n", strings.Join(append(header, ""), "\r\n"))
	require.NoError(t, err)
	head, err := http.ReadResponse(bufio.NewReader(ours), nil)
	require.NoError(t, err)
	return &listener{t, ours, head, bufio.NewReader(head.Body)}
}

// next is the next event, without the empty line that ends it.
func (l *listener) next() string {
	l.t.Helper()
	var text strings.Builder
	for {
		line, err := l.body.ReadString('\n')
		require.NoError(l.t, err)
		if line == "\n" {
			return text.String()
		}
		text.WriteString(line)
	}
}

// event is an attempt's event.
func event(t *testing.T, a *deliveries.Attempt) string {
	line, err := deliveries.Line(a)
	require.NoError(t, err)
	return fmt.Sprintf("id: %s\ndata: %s", a.ID, line)
}

const greeting = "retry: 2000\n"

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecent()
		observe(r, numbered("before"))
		p, _ := servePipes(t, r)
		l := p.listen(t)
		require.Equal(t, 200, l.head.StatusCode)
		require.Equal(t, "text/event-stream", l.head.Header.Get("Content-Type"))
		require.Equal(t, greeting, l.next())
		observe(r, &deliveries.Open{V: 1, Event: deliveries.EventOpen, ID: "a"})
		require.Equal(t, "event: open\n"+
			`data: {"v":1,"event":"open","delivery":"","start":"0001-01-01T00:00:00.000000000Z","attempt":0,"id":"a","run":"","host":"","rules":[],"key":"","key_from":"","endpoint":""}`+
			"\n", l.next())
		a := numbered("a")
		a.URL, a.Request.Header = "http://a.test/?x=<y>&z", map[string][]string{"X-Note": {"two\nlines"}}
		observe(r, a)
		require.Equal(t, event(t, a), l.next())
		observe(r, &deliveries.Amend{V: 1, Event: deliveries.EventAmend, ID: "a", Outcome: deliveries.Broken, End: deliveries.Cut, EndedBy: deliveries.BySender})
		require.Equal(t, "event: amend\n"+`data: {"v":1,"event":"amend","id":"a","run":"","outcome":"broken","end":"cut","ended_by":"sender"}`+"\n", l.next())
		b := numbered("b")
		observe(r, b)
		require.Equal(t, event(t, b), l.next())
		require.NoError(t, l.conn.Close())
	})
}

// A stream outlives the deadlines that other answers have, and says that it is alive.
func TestEventsStayAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := servePipes(t, NewRecent())
		l := p.listen(t)
		require.Equal(t, greeting, l.next())
		begun := time.Now()
		for range 20 {
			require.Equal(t, ": alive\n", l.next())
		}
		require.Equal(t, 20*heartbeat, time.Since(begun))
		require.NoError(t, l.conn.Close())
	})
}

// A reader that takes its time holds nobody up, and is told how much it has missed.
func TestSlowReaderLosesEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecent(100)
		p, _ := servePipes(t, r)
		l := p.listen(t)
		require.Equal(t, greeting, l.next())
		synctest.Wait()
		for n := range 1000 {
			observe(r, numbered(fmt.Sprint(n)))
			synctest.Wait() // nobody is woken who would have to be waited for
		}
		var got, lost int
		for last := ""; !strings.HasPrefix(last, "id: 999\n"); {
			last = l.next()
			if rest, isLost := strings.CutPrefix(last, "event: lost\ndata: "); isLost {
				var n int
				_, err := fmt.Sscanf(rest, `{"events":%d}`, &n)
				require.NoError(t, err)
				lost += n
				continue
			}
			got++
		}
		require.Equal(t, 1000, got+lost)
		require.GreaterOrEqual(t, got, 100, "what is remembered is not lost")
		require.Positive(t, lost)
		require.NoError(t, l.conn.Close())
	})
}

// A reader that takes nothing is let go.
func TestReaderThatTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecent()
		p, _ := servePipes(t, r)
		l := p.listen(t)
		require.Equal(t, greeting, l.next())
		synctest.Wait()
		observe(r, numbered("a"))
		time.Sleep(readerWait + time.Second)
		synctest.Wait()
		_, err := io.ReadAll(l.body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	})
}

func TestEventsResume(t *testing.T) {
	tests := []struct {
		name, last string
		want       []string // the beginnings of the events that follow the greeting
	}{
		{"behind one that is remembered", "c", []string{"id: d", "id: e"}},
		{"behind the last one", "e", nil},
		{"behind one that is forgotten", "a", []string{"event: lost\ndata: {\"events\":null}", "id: c", "id: d", "id: e"}},
		{"behind one of another process", "x", []string{"event: lost\ndata: {\"events\":null}", "id: c", "id: d", "id: e"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRecent(3)
				for _, id := range []string{"a", "b", "c", "d", "e"} {
					observe(r, numbered(id))
				}
				p, _ := servePipes(t, r)
				l := p.listen(t, "Last-Event-ID: "+test.last)
				for _, want := range append([]string{greeting}, test.want...) {
					require.True(t, strings.HasPrefix(l.next(), want), want)
				}
				require.Equal(t, ": alive\n", l.next(), "and no more")
				require.NoError(t, l.conn.Close())
			})
		})
	}
}

// There is room for some readers. Who leaves makes room.
func TestReadersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := servePipes(t, NewRecent())
		var here []*listener
		for range maxReaders {
			l := p.listen(t)
			require.Equal(t, greeting, l.next())
			here = append(here, l)
		}
		turnedAway := p.listen(t, "Connection: close")
		require.Equal(t, 503, turnedAway.head.StatusCode)
		require.Equal(t, "5", turnedAway.head.Header.Get("Retry-After"))
		body, err := io.ReadAll(turnedAway.body)
		require.NoError(t, err)
		require.Equal(t, `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"32 readers are here already"}`+"\n", string(body))

		require.NoError(t, here[0].conn.Close())
		synctest.Wait()
		here[0] = p.listen(t)
		require.Equal(t, greeting, here[0].next())
		for _, l := range here {
			require.NoError(t, l.conn.Close())
		}
	})
}

// The end of the server is the end of its streams.
func TestEventsEndWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, stop := servePipes(t, NewRecent())
		l := p.listen(t)
		require.Equal(t, greeting, l.next())
		stop()
		_, err := l.body.ReadByte()
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	})
}

func TestHeadOfEvents(t *testing.T) {
	got := ask(t, "HEAD", "http://"+serve(t, NewMetrics(Config{Control: newDesk()}))+"/api/v1/events", nil)
	require.Equal(t, 200, got.status)
	require.Equal(t, "text/event-stream", got.header.Get("Content-Type"))
	require.Empty(t, got.body)
}
