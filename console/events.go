package console

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/faultline/faultline/deliveries"
)

const (
	maxReaders = 32               // of events at once
	heartbeat  = 15 * time.Second // after so long without an event a reader is told that all is well
	readerWait = 10 * time.Second // a reader that takes nothing for so long is let go
	eventBatch = 64               // events that are taken out of the memory at once
)

// events tells readers what is recorded, as it comes: server-sent events (WHATWG HTML 9.2). A reader has no queue of its own: it goes through Recent at its own
// pace, and when what it would come to is forgotten meanwhile, it is told how much that was. So nobody waits for a reader.
type events struct {
	recent  *Recent
	readers atomic.Int32
}

func (e *events) paths() map[string]methods {
	return map[string]methods{"/api/v1/events": {"GET": e.serve}}
}

func (e *events) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.RawQuery != "" {
		problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf("query %q, want none: events are not filtered", r.URL.RawQuery)}.write(w)
		return
	}
	defer e.readers.Add(-1)
	if e.readers.Add(1) > maxReaders {
		w.Header().Set("Retry-After", "5")
		problem{Status: http.StatusServiceUnavailable, Detail: fmt.Sprintf("%d readers are here already", maxReaders)}.write(w)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	// Errors mean that the reader has gone, or takes nothing: there is nobody left to tell.
	_ = e.tell(newReader(w), r)
}

// tell tells a reader all that comes, until it leaves or the server ends.
func (e *events) tell(to reader, r *http.Request) error {
	position, err := e.begin(to, r.Header.Get("Last-Event-ID"))
	if err != nil {
		return err
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		news := e.recent.since(position, eventBatch)
		if err := to.tell(news); err != nil {
			return err
		}
		position = news.next
		if news.grown == nil {
			continue
		}
		select {
		case <-r.Context().Done():
			return r.Context().Err()
		case <-news.grown:
		case <-beat.C:
			if err := to.write([]byte(": alive\n\n")); err != nil {
				return err
			}
		}
	}
}

// begin greets a reader, and gives the position from which on it is told: behind the attempt of which it knew last, or of what comes from now on.
func (e *events) begin(to reader, last string) (position uint64, err error) {
	text := "retry: 2000\n\n"
	position = e.recent.end() // before the greeting: what comes after it is told
	if last != "" {
		var known bool
		if position, known = e.recent.behind(last); !known {
			text += "event: lost\ndata: {\"events\":null}\n\n"
		}
	}
	return position, to.write([]byte(text))
}

// reader is where events go.
type reader struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func newReader(w http.ResponseWriter) reader { return reader{w, http.NewResponseController(w)} }

// tell writes what has come, and before it how much was lost.
func (r reader) tell(n news) error {
	var text []byte
	if n.lost > 0 {
		text = fmt.Appendf(text, "event: lost\ndata: {\"events\":%d}\n\n", n.lost)
	}
	for _, m := range n.moments {
		text = appendEvent(text, m)
	}
	if len(text) == 0 {
		return nil
	}
	return r.write(text)
}

// appendEvent appends the event that a moment is. Attempts alone have an id: it is where a reader goes on that comes again.
func appendEvent(to []byte, m *moment) []byte {
	if m.event == deliveries.EventAttempt {
		return fmt.Appendf(to, "id: %s\ndata: %s\n\n", m.id, m.line)
	}
	return fmt.Appendf(to, "event: %s\ndata: %s\n\n", m.event, m.line)
}

// write hands text to the kernel. The server's own deadline is for answers that end.
func (r reader) write(text []byte) error {
	if err := r.control.SetWriteDeadline(time.Now().Add(readerWait)); err != nil {
		return err
	}
	if _, err := r.w.Write(text); err != nil {
		return err
	}
	return r.control.Flush()
}
