package proxy_test

import (
	"cmp"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// late is what a pace may catch up with, where it is not measured from its beginning.
const late = 200 * time.Millisecond

// requirePace: so many bytes do not go faster than that, give or take 5 %. How late a busy machine makes them is no matter here; TestPace has the rate itself.
func requirePace(t *testing.T, took time.Duration, bytes, rate int) {
	t.Helper()
	want := time.Duration(float64(bytes) / float64(rate) * float64(time.Second))
	require.GreaterOrEqual(t, took, want*95/100, "%d bytes at %d a second", bytes, rate)
	require.Less(t, took, want+wiretest.Patience, "%d bytes at %d a second", bytes, rate)
}

func padded(text string, size int) string { return text + strings.Repeat(".", size-len(text)) }

// TestSlowAnswers: whatever answer it is, head and body go out at the rate, the last byte after the record; and the next attempt on the connection is not slow.
func TestSlowAnswers(t *testing.T) {
	const rate = 4000
	body := padded("", 1600)
	tests := []struct {
		name, rules, target string
		method              string
		status              int
		outcome             deliveries.Outcome
	}{
		{name: "relayed", target: "HTTP/1.1 200 OK\r\nContent-Length: 1600\r\n\r\n" + body, status: 200, outcome: deliveries.Acknowledged},
		{
			name: "relayed, chunked", target: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n640\r\n" + body + "\r\n0\r\n\r\n",
			status: 200, outcome: deliveries.Acknowledged,
		},
		{name: "relayed, all in its head", target: "HTTP/1.1 204 No Content\r\nX-Pad: " + body + "\r\n\r\n", status: 204, outcome: deliveries.Acknowledged},
		{name: "our own", rules: "[[rule]]\nname = \"busy\"\nmatch.path = \"/slow\"\nstatus = { code = 503, body = \"" + body + "\" }", status: 503, outcome: deliveries.Rejected},
		{name: "our own, all in its head", rules: "[[rule]]\nname = \"busy\"\nmatch.path = \"/slow\"\nstatus = { code = 503, header = { X-Pad = \"" + body + "\" } }", status: 503, outcome: deliveries.Rejected},
		{
			name: "after a lost one", rules: "[[rule]]\nname = \"busy\"\nmatch.path = \"/slow\"\ndeliver_first = true\nstatus = { code = 503, body = \"" + body + "\" }",
			target: wiretest.OK, status: 503, outcome: deliveries.Rejected,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := wiretest.Listen(t, thenOK(cmp.Or(tt.target, wiretest.OK)))
			p := start(t, "[[rule]]\nname = \"slow\"\nmatch.path = \"/slow\"\nbandwidth.down = \"4000B/s\"\n"+tt.rules)
			sender := wiretest.Dial(t, p.address)
			begun := time.Now()
			sender.Send(wiretest.Post(target.Address(), "/slow", "x"))
			resp, got := sender.Answer("POST")
			took := time.Since(begun)
			require.Equal(t, tt.status, resp.StatusCode)
			size := 1600
			if resp.Header.Get("X-Pad") == "" {
				require.Equal(t, body, got)
			}
			for name, values := range resp.Header {
				if name != "X-Pad" {
					size += len(name) + 4 + len(values[0])
				}
			}
			requirePace(t, took, size, rate)

			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, tt.outcome, a.Outcome)
			require.Equal(t, deliveries.Complete, a.End)
			require.Equal(t, "slow", a.Rules[0])
			require.Equal(t, "bandwidth", a.Faults[0])
			require.LessOrEqual(t, a.MS.Total, ms(took))
			requirePace(t, time.Duration(a.MS.Total*float64(time.Millisecond)), size, rate)

			sender.Send(wiretest.Post(target.Address(), "/fast", "x"))
			_, err := sender.Reader().Peek(1)
			require.NoError(t, err)
			require.Greater(t, sender.Reader().Buffered(), rate/100, "more than a piece at once")
		})
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// TestDrip: one byte at a time, and what the lowest of several rates says. The record comes before the last byte.
func TestDrip(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, `
[[rule]]
name = "drip"
bandwidth.down = "100B/s"
[[rule]]
name = "not so slow"
bandwidth = { down = "200B/s", up = "1MiB/s" }
`, func(c *proxy.Config) { c.Journal.(*journal).gate = make(chan struct{}) })
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	record := <-p.journal.waiting
	require.Equal(t, []string{"drip", "not so slow"}, record.(*deliveries.Attempt).Rules)

	const head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nVia: 1.1 faultline-test\r\n\r\n"
	require.NoError(t, sender.Conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	got, err := io.ReadAll(sender.Reader())
	require.Error(t, err)
	require.Equal(t, head+"o", string(got), "all but the last byte")
	require.GreaterOrEqual(t, record.(*deliveries.Attempt).MS.Total, 10*float64(len(head)+2), "its time included")
	close(p.journal.gate)
	require.NoError(t, sender.Conn.SetReadDeadline(time.Now().Add(wiretest.Patience)))
	last, err := sender.Reader().ReadByte()
	require.NoError(t, err)
	require.Equal(t, byte('k'), last)
}

// TestDripOneByOne: each byte is a write of its own.
func TestDripOneByOne(t *testing.T) {
	t.Parallel()
	p := start(t, "[[rule]]\nname = \"drip\"\nbandwidth.down = \"20B/s\"\n[[rule]]\nname = \"busy\"\nstatus = 503")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post("hooks.test", "/hook", "x"))
	buf := make([]byte, 100)
	for range 10 {
		n, err := sender.Conn.Read(buf)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	require.NoError(t, sender.Conn.Close())
}

// TestSlowUpload: the body comes in at the rate, and so the target gets it, whatever else is done to the attempt.
func TestSlowUpload(t *testing.T) {
	const rate, size = 8000, 4800
	body := padded(`{"id":7}`, size)
	tests := []struct {
		name, rules string
		header      []string
		chunked     bool
		reached     deliveries.Reached
	}{
		{name: "streamed", reached: deliveries.Whole},
		{name: "chunked", chunked: true, reached: deliveries.Whole},
		{name: "asked for first", header: []string{"Expect: 100-continue"}, reached: deliveries.Whole},
		{name: "held for its key", rules: "[[rule]]\nname = \"second\"\nwhen.attempt = 2\nstatus = 500", reached: deliveries.Whole},
		{name: "held for a while", rules: "[[rule]]\nname = \"late\"\nlatency = \"1ms\"", reached: deliveries.Whole},
		{name: "drained for an answer of our own", rules: "[[rule]]\nname = \"busy\"\nstatus = 503", reached: deliveries.None},
		{name: "drained for a reset", rules: "[[rule]]\nname = \"broken\"\nreset = true", reached: deliveries.None},
		{name: "drained for one refused", rules: "[[rule]]\nname = \"down\"\nrefuse = true", reached: deliveries.None},
		{name: "delivered first", rules: "[[rule]]\nname = \"lost\"\ndeliver_first = true\nreset = true", reached: deliveries.Whole},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			first, last := make(chan time.Time, 1), make(chan time.Time, 1)
			target := wiretest.Listen(t, func(c *wiretest.Conn) {
				r, err := http.ReadRequest(c.Reader())
				if err != nil {
					return
				}
				if r.Header.Get("Expect") != "" {
					_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
				}
				piece := make([]byte, 1)
				_, _ = io.ReadFull(r.Body, piece)
				first <- time.Now()
				_, _ = io.Copy(io.Discard, r.Body)
				last <- time.Now()
				_, _ = io.WriteString(c, wiretest.OK)
			})
			p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth.up = \"8000B/s\"\n"+tt.rules)
			sender := wiretest.Dial(t, p.address)
			begun := time.Now()
			request := wiretest.Post(target.Address(), "/hook", body, tt.header...)
			if tt.chunked {
				request = strings.Replace(request, "Content-Length: 4800\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n12c0\r\n", 1) + "\r\n0\r\n\r\n"
			}
			sender.Send(request)
			a := p.journal.attempts(t, 1)[0]
			requirePace(t, time.Since(begun), size, rate)
			require.Equal(t, tt.reached, a.Reached)
			require.Equal(t, int64(size), a.Request.Bytes)
			require.Equal(t, sha256Hex(body), a.Request.SHA256)
			if tt.reached == deliveries.Whole && !strings.Contains(tt.name, "held") {
				requirePace(t, (<-last).Sub(<-first)+late, size, rate)
			}
		})
	}
}

// TestSlowUploadDecidedLate: a body that had to be read for the decision is paid for afterwards, and the target gets it at the rate.
func TestSlowUploadDecidedLate(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"", "status = 503"} {
		target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
		p := start(t, "[[rule]]\nname = \"slow\"\nwhen.attempt = 1\nbandwidth.up = \"8000B/s\"\n"+end)
		begun := time.Now()
		p.one(t, wiretest.Post(target.Address(), "/hook", padded("", 4000)))
		requirePace(t, time.Since(begun), 4000, 8000)
	}
}

// TestSlowSenderFeelsIt: a body beyond what the kernel takes in is held back in its sender.
func TestSlowSenderFeelsIt(t *testing.T) {
	t.Parallel()
	const size, rate = 12 << 20, 8 << 20
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth.up = \"8MiB/s\"\n[[rule]]\nname = \"busy\"\nstatus = 503")
	sender := wiretest.Dial(t, p.address)
	request := wiretest.Post(target.Address(), "/hook", padded("", size))
	begun := time.Now()
	sender.Send(request)
	require.Greater(t, time.Since(begun), time.Second/2, "the write itself has waited")
	sender.Answer("POST")
	requirePace(t, time.Since(begun), size, rate)
}

// TestSlowSenderLeaves: however much it has sent before, and wherever the attempt is, its leaving is seen and recorded as it was.
func TestSlowSenderLeaves(t *testing.T) {
	const own = "HTTP/1.1 200 OK\r\nX-Own: 1\r\nContent-Length: 1000\r\n\r\n"
	tests := []struct {
		name, rules string
		leave       func(*testing.T, *wiretest.Sender)
		body        int
		awaits      string // of the answer, before it leaves
		outcome     deliveries.Outcome
		reached     deliveries.Reached
	}{
		{name: "in its upload", rules: "bandwidth.up = \"100B/s\"", body: 5000, outcome: deliveries.Unanswered, reached: deliveries.Part},
		{name: "in its upload, with a RST", rules: "bandwidth.up = \"100B/s\"", body: 5000, outcome: deliveries.Unanswered, reached: deliveries.Part,
			leave: func(_ *testing.T, s *wiretest.Sender) { s.Reset() }},
		{name: "in its upload to us", rules: "bandwidth.up = \"1B/s\"\nstatus = 503", body: 50, outcome: deliveries.Unanswered, reached: deliveries.None},
		{name: "in the target's head", rules: "bandwidth.down = \"20B/s\"", awaits: "HTTP/1.1 2", outcome: deliveries.Broken, reached: deliveries.Whole},
		{name: "in the target's body", rules: "bandwidth.down = \"1000B/s\"", awaits: "\r\n\r\n..........", outcome: deliveries.Broken, reached: deliveries.Whole},
		{name: "before our first byte", rules: "bandwidth.down = \"1B/s\"\nstatus = 503", outcome: deliveries.Unanswered, reached: deliveries.None},
		{name: "before the target's first byte", rules: "bandwidth.down = \"1B/s\"", outcome: deliveries.Unanswered, reached: deliveries.Whole},
		{name: "in our head", rules: "bandwidth.down = \"20B/s\"\nstatus = 503", awaits: "HTTP/1.1 5", outcome: deliveries.Broken, reached: deliveries.None},
		{name: "in an answer that would be cut", rules: "bandwidth.down = \"20B/s\"\ntruncate = true", awaits: "HTTP/1.1 2", outcome: deliveries.Broken, reached: deliveries.None},
		{name: "in what is no answer", rules: "bandwidth.down = \"20B/s\"\nmalformed = \"garbage\"", awaits: "\x00\x01 this", outcome: deliveries.Broken, reached: deliveries.None},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := wiretest.Listen(t, wiretest.Answering(own+padded("", 1000)))
			p := start(t, "[[rule]]\nname = \"slow\"\n"+tt.rules)
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", padded("", tt.body)))
			var seen strings.Builder
			for !strings.HasSuffix(seen.String(), tt.awaits) {
				b, err := sender.Reader().ReadByte()
				require.NoError(t, err)
				seen.WriteByte(b)
			}
			for strings.HasPrefix(tt.name, "before") && p.Live().InFlight["answer"] == 0 {
				runtime.Gosched()
			}
			if tt.leave == nil {
				require.NoError(t, sender.Conn.Close())
			} else {
				tt.leave(t, sender)
			}
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, tt.outcome, a.Outcome)
			require.Equal(t, deliveries.BySender, a.EndedBy)
			require.Equal(t, tt.reached, a.Reached)
			if tt.awaits == "" {
				require.Nil(t, a.Answer)
				return
			}
			require.Less(t, a.Answer.Bytes, int64(500), "what was sent, not what would have been")
		})
	}
}

// TestSlowLifted: when faults are lifted, and when the drain begins, what is slow goes on at full speed at once.
func TestSlowLifted(t *testing.T) {
	t.Parallel()
	for _, ways := range []string{`up = "1B/s"`, `down = "1B/s"`} {
		for _, lift := range []func(*testing.T, *running){
			func(_ *testing.T, p *running) { p.LiftFaults() },
			func(t *testing.T, p *running) { shutdown(t, p) },
		} {
			target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
			p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth = { "+ways+" }")
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", padded("", 3000), "Webhook-Id: wh_1"))
			wait[*deliveries.Open](t, p.journal, 1)
			lift(t, p)
			resp, body := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, "ok", body)
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, deliveries.Acknowledged, a.Outcome)
			require.Equal(t, deliveries.Whole, a.Reached)
		}
	}
}

// TestSlowOpened: of an opened connection, what a rule at the CONNECT makes slow is all that passes, handshake included.
func TestSlowOpened(t *testing.T) {
	t.Parallel()
	const size = 3200
	for _, ways := range []string{`up = "8000B/s"`, `down = "8000B/s"`} {
		t.Run(ways, func(t *testing.T) {
			t.Parallel()
			authority := wiretest.NewAuthority(t)
			target := wiretest.Listen(t, wiretest.Answering("HTTP/1.1 200 OK\r\nContent-Length: 3200\r\n\r\n"+padded("", size)))
			p := start(t, "[tls]\nintercept = [\"127.0.0.1\"]\n[[rule]]\nname = \"slow\"\nwhen.moment = \"connect\"\nbandwidth = { "+ways+" }", opening(authority))
			sender := connected(t, p, target.Address())
			begun := time.Now()
			sender.Send("POST /hook HTTP/1.1\r\nHost: " + target.Address() + "\r\nContent-Length: 3200\r\n\r\n" + padded("", size))
			resp, body := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			require.Len(t, body, size)
			requirePace(t, time.Since(begun), size, 8000)
			require.Equal(t, deliveries.Acknowledged, p.journal.attempts(t, 1)[0].Outcome)
			line := wait[*deliveries.Connect](t, p.journal, 1)[0]
			require.Equal(t, []string{"bandwidth"}, line.Faults)
		})
	}
}

// TestSlowTunnel: both flows keep their rates, what came together with the CONNECT too; a lifted tunnel is fast at once.
func TestSlowTunnel(t *testing.T) {
	t.Parallel()
	const size = 3200
	sizes := make(chan int, 3)
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		all, _ := io.ReadAll(c)
		sizes <- len(all)
		_, _ = io.WriteString(c, padded("", size))
	})
	p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth = { up = \"8000B/s\", down = \"4000B/s\" }")
	sender := wiretest.Dial(t, p.address)
	begun := time.Now()
	sender.Send(connectTo(target.Address()) + padded("", size/2))
	resp, _ := sender.Answer("CONNECT")
	require.Equal(t, 200, resp.StatusCode)
	sender.Send(padded("", size/2))
	require.NoError(t, sender.Conn.CloseWrite())
	require.Equal(t, size, <-sizes)
	requirePace(t, time.Since(begun), size, 8000)
	begun = time.Now()
	got, ended := sender.Rest(wiretest.Patience)
	require.Len(t, got, size)
	require.Equal(t, wiretest.FIN, ended)
	requirePace(t, time.Since(begun), size, 4000)

	line := wait[*deliveries.Connect](t, p.journal, 1)[0]
	require.Equal(t, []string{"bandwidth"}, line.Faults)
	require.Equal(t, deliveries.Complete, line.End)
	tunnel := wait[*deliveries.Tunnel](t, p.journal, 1)[0]
	require.Equal(t, []int64{size, size}, []int64{tunnel.Up, tunnel.Down})

	t.Run("ends", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth = { up = \"1B/s\" }")
		stays, leaves := wiretest.Dial(t, p.address), wiretest.Dial(t, p.address)
		for _, sender := range []*wiretest.Sender{stays, leaves} {
			sender.Send(connectTo(target.Address()) + padded("", size))
			resp, _ := sender.Answer("CONNECT")
			require.Equal(t, 200, resp.StatusCode)
		}
		leaves.Reset()
		wait[*deliveries.Tunnel](t, p.journal, 1)
		p.LiftFaults()
		require.NoError(t, stays.Conn.CloseWrite())
		got, _ := stays.Rest(wiretest.Patience)
		require.Len(t, got, size)
		require.Equal(t, size, max(<-sizes, <-sizes), "of the two, the one that stayed got through")
	})
}

// TestSlowAnswerOfAQuickTarget: what a target took is its own affair, however its answer came, also where it is cut on its way; what cannot be held is taken
// from it as it goes out.
func TestSlowAnswerOfAQuickTarget(t *testing.T) {
	body := strings.Repeat("0123456789", 200)
	for _, rule := range []string{"", "deliver_first = true\ntruncate = { after = 1900, keep_length = true }", "corrupt = 2"} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 1)
			target := wiretest.Listen(t, func(c *wiretest.Conn) {
				for {
					if _, err := c.ReadRequest(); err != nil {
						return
					}
					// A proxy that has gone is seen by the sender.
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")
					asked <- struct{}{}
					_, _ = io.WriteString(c, body)
				}
			})
			p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth.down = \"4000B/s\"\n"+rule)
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
			<-asked
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, int64(2000), a.Target.Bytes)
			require.GreaterOrEqual(t, a.MS.Total-a.MS.Target, 400.0)
		})
	}
	t.Run("beyond what is held", func(t *testing.T) {
		t.Parallel()
		large := strings.Repeat("0123456789", 20_000)
		target := wiretest.Listen(t, wiretest.Answering(chunkedAnswer(large)))
		p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth.down = \"1MiB/s\"", func(c *proxy.Config) { c.Limits.Body = 1000 })
		_, got := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
		require.Equal(t, large, got)
	})
	t.Run("of a target that goes on for ever", func(t *testing.T) {
		t.Parallel()
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			if _, err := c.ReadRequest(); err != nil {
				return
			}
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			for err == nil {
				_, err = io.WriteString(c, "a\r\n0123456789\r\n")
			}
		})
		p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth.down = \"4000B/s\"", func(c *proxy.Config) { c.Limits.Body = 1000 })
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
		_, err := io.ReadFull(sender.Reader(), make([]byte, 300))
		require.NoError(t, err)
		require.NoError(t, sender.Conn.Close())
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, deliveries.Broken, a.Outcome)
		require.Equal(t, deliveries.BySender, a.EndedBy)
	})
}

// TestSlowUpgrade: another protocol is as slow as what came before it, and goes on when the sender has sent its FIN.
func TestSlowUpgrade(t *testing.T) {
	t.Parallel()
	const size = 4000
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n") // a proxy that has gone is seen below
		all, _ := io.ReadAll(c.Reader())
		_, _ = c.Write(all)
	})
	p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth = { up = \"4000B/s\", down = \"4000B/s\" }")
	sender := wiretest.Dial(t, p.address)
	sender.Send("POST http://" + target.Address() + "/ws HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
	require.NoError(t, err)
	require.Equal(t, 101, resp.StatusCode)
	begun := time.Now()
	sender.Send(padded("", size))
	require.NoError(t, sender.Conn.CloseWrite())
	got, ended := sender.Rest(wiretest.Patience)
	require.Len(t, got, size)
	require.Equal(t, wiretest.FIN, ended)
	requirePace(t, time.Since(begun), 2*size, 4000)
}

// TestSlowEverywhere: a slow link is slow behind every door, both ways, and so is what goes over TLS; byte for byte it is the same.
func TestSlowEverywhere(t *testing.T) {
	body := padded("", 800)
	rules := "[[rule]]\nname = \"slow\"\nbandwidth = { up = \"4000B/s\", down = \"4000B/s\" }"
	check := func(t *testing.T, s *scene) {
		sender := s.enter()
		begun := time.Now()
		sender.Send(s.post("/hook", body))
		resp, got := sender.Answer("POST")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, body, got)
		const head = "HTTP/1.1 200 OK\r\nContent-Length: 800\r\nVia: 1.1 faultline-test\r\n\r\n"
		requirePace(t, time.Since(begun), 2*len(body)+len(head), 4000)
		require.Equal(t, body, bodyOf(t, s.target.Requests()[0]))
	}
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			under(t, rules, d, wiretest.Answering("HTTP/1.1 200 OK\r\nContent-Length: 800\r\n\r\n"+body), check)
		})
	}
}
