package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// tunnel measures what one connection carries through a CONNECT that is passed on unseen, in either direction.
func tunnel(b *bench) ([]table, error) {
	defer b.stopAll()
	target, err := b.serve("stream", b.otherCore, "", nil)
	if err != nil {
		return nil, err
	}
	peers := []peer{
		{name: "faultline", start: faultlineAs("faultline", b.faultline, usual())},
		{name: "goproxy", start: own("goproxy")},
		{name: "squid", start: squid},
	}
	contenders, err := b.contest(peers, target.address, func(c *contender) ([]float64, error) {
		up, upCPU, err := b.stream(c.process, target.address, 'u')
		if err != nil {
			return nil, err
		}
		down, downCPU, err := b.stream(c.process, target.address, 'd')
		return []float64{up, upCPU, down, downCPU}, err
	})
	if err != nil {
		return nil, err
	}
	columns := []column{
		{Name: "up", Unit: "MB/s", Ratio: true},
		{Name: "CPU up", Unit: "ms per GB"},
		{Name: "down", Unit: "MB/s", Ratio: true},
		{Name: "CPU down", Unit: "ms per GB"},
	}
	t := tableOf("tunnel", "One tunnel (CONNECT, passed through)", columns, contenders)
	t.Notes = []string{"Here more is better, and the ratio of rates is wanted above 1; both ends of the connection share one core."}
	return []table{t}, nil
}

// stream sends ('u') or receives ('d') through a tunnel for half a round. It returns MB per second, and the proxy's CPU in ms per GB.
func (b *bench) stream(p *process, target string, direction byte) (rate, cpu float64, err error) {
	conn, err := dialProxy(p.address)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	if err := openTunnel(conn, target); err != nil {
		return 0, 0, err
	}
	if _, err := conn.Write([]byte{direction}); err != nil {
		return 0, 0, fmt.Errorf("say which direction: %w", err)
	}
	move := conn.Read
	if direction == 'u' {
		move = conn.Write
	}
	before, err := cpuOf(p.pid())
	if err != nil {
		return 0, 0, err
	}
	moved, elapsed, err := moveFor(conn, move, b.span/2)
	if err != nil {
		return 0, 0, fmt.Errorf("stream through the tunnel: %w", err)
	}
	after, err := cpuOf(p.pid())
	return float64(moved) / 1e6 / elapsed.Seconds(), milliseconds(after-before) / (float64(moved) / 1e9), err
}

// moveFor moves bytes one way until the span is over, and tells how many it were in which time.
func moveFor(conn net.Conn, move func([]byte) (int, error), span time.Duration) (int64, time.Duration, error) {
	block := make([]byte, 256<<10)
	start := time.Now()
	if err := conn.SetDeadline(start.Add(span)); err != nil {
		return 0, 0, err
	}
	for moved := int64(0); ; {
		n, err := move(block)
		moved += int64(n)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return moved, time.Since(start), nil
		}
		if err != nil {
			return moved, time.Since(start), err
		}
	}
}

// openTunnel sends a CONNECT and reads its 200; what is at the other end does not speak first.
func openTunnel(conn net.Conn, target string) error {
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target); err != nil {
		return fmt.Errorf("send a CONNECT: %w", err)
	}
	head := make([]byte, 0, 4096)
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		n, err := conn.Read(head[len(head):cap(head)])
		if err != nil {
			return fmt.Errorf("read the answer to a CONNECT: %w", err)
		}
		head = head[:len(head)+n]
	}
	if statusOf(head) != 200 {
		return fmt.Errorf("a CONNECT was answered %q", head)
	}
	return nil
}
