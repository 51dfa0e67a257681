package harness

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"
)

// Browser is a headless Chromium, driven by its DevTools protocol over a pair of pipes.
type Browser struct {
	t  testing.TB
	in io.Writer

	mu      sync.Mutex // guards what follows, and in
	last    int        // number of the last command
	answers map[int]chan devtoolsMessage
	said    []string
	fetched []string
	ended   bool
}

// devtoolsMessage is what a browser says: the answer to the command of that ID, or, without one, an event.
type devtoolsMessage struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// StartBrowser starts a browser with a profile of its own, which ends with the test.
func StartBrowser(t testing.TB) *Browser {
	t.Helper()
	fromUs, commands := pipe(t)
	messages, fromBrowser := pipe(t)
	// CI runs it as root, where its sandbox refuses to; what it loads is ours.
	cmd := exec.Command("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-pipe")
	cmd.ExtraFiles = []*os.File{fromUs, fromBrowser} // where it looks for them: descriptors 3 and 4
	process := Run(t, "chromium", cmd)
	_, _ = fromUs.Close(), fromBrowser.Close() // it has its own
	b := &Browser{t: t, in: commands, answers: make(map[int]chan devtoolsMessage)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		b.read(messages)
	}()
	t.Cleanup(func() {
		b.send("", "Browser.close", nil)
		Until(t, "chromium to end", Patience, process.Ended)
		<-read
		_, _ = commands.Close(), messages.Close()
	})
	return b
}

func pipe(t testing.TB) (from, to *os.File) {
	t.Helper()
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return from, to
}

// read takes in what the browser says, until it ends.
func (b *Browser) read(messages io.Reader) {
	for r := bufio.NewReader(messages); ; {
		text, err := r.ReadBytes(0)
		if err != nil {
			break
		}
		var m devtoolsMessage
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			b.t.Errorf("chromium said %q: %v", text, err)
			continue
		}
		b.take(m)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	for _, answer := range b.answers {
		close(answer)
	}
}

func (b *Browser) take(m devtoolsMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answer := b.answers[m.ID]; answer != nil {
		delete(b.answers, m.ID)
		answer <- m
		return
	}
	if slices.Contains([]string{"Log.entryAdded", "Runtime.exceptionThrown", "Page.javascriptDialogOpening"}, m.Method) {
		b.said = append(b.said, m.Method+" "+string(m.Params))
	}
	if m.Method == "Network.requestWillBeSent" {
		var sent struct{ Request struct{ URL string } }
		if err := json.Unmarshal(m.Params, &sent); err != nil {
			b.t.Errorf("chromium said %q: %v", m.Params, err)
		}
		b.fetched = append(b.fetched, sent.Request.URL)
	}
}

// Fetched is what pages have asked for so far, themselves included.
func (b *Browser) Fetched() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.fetched)
}

// Said is what went wrong in pages so far: exceptions, what a policy has blocked, answers that were errors, dialogs.
func (b *Browser) Said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.said)
}

// send sends a command, and gives the channel of its answer, which is closed when the browser ends before that.
func (b *Browser) send(session, method string, params any) <-chan devtoolsMessage {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	text, err := json.Marshal(struct {
		ID        int    `json:"id"`
		SessionID string `json:"sessionId,omitempty"`
		Method    string `json:"method"`
		Params    any    `json:"params,omitempty"`
	}{b.last, session, method, params})
	if err != nil {
		panic(fmt.Sprintf("harness: encode %s: %v", method, err)) // plain values: cannot be
	}
	answer := make(chan devtoolsMessage, 1)
	if _, err := b.in.Write(append(text, 0)); b.ended || err != nil {
		close(answer)
		return answer
	}
	b.answers[b.last] = answer
	return answer
}

// do carries out a command, and decodes its result.
func (b *Browser) do(session, method string, params, into any) {
	b.t.Helper()
	select {
	case m, answered := <-b.send(session, method, params):
		switch {
		case !answered:
			b.t.Fatalf("chromium ended before it did %s", method)
		case m.Error != nil:
			b.t.Fatalf("chromium did not do %s: %s", method, m.Error.Message)
		case into == nil:
			return
		}
		if err := json.Unmarshal(m.Result, into); err != nil {
			b.t.Fatalf("result of %s: %v", method, err)
		}
	case <-time.After(Patience):
		b.t.Fatalf("waited %v for chromium to do %s", Patience, method)
	}
}
