package matrix

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// came is what came in answer to a request, byte for byte, and what came behind it.
type came struct {
	bytes string
	end   string
}

// The ends, as docs/faults.md has them.
const (
	endKept    = "kept"    // the answer was whole, and the connection stays open
	endFIN     = "FIN"     //
	endRST     = "RST"     //
	endSilence = "silence" // the answer was not whole, and nothing more comes
)

// listen sends a bare request for a row, through the proxy unless that is "", and takes down what comes.
func listen(at place, r row) (came, error) {
	host := strings.TrimPrefix(at.base(r), "http://")
	address, target := host, r.path()
	if at.proxy != "" {
		address, target = strings.TrimPrefix(at.proxy, "http://"), "http://"+host+r.path()
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return came{}, err
	}
	defer conn.Close() // all that is of interest was read
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 2\r\n\r\n{}", target, host); err != nil {
		return came{}, err
	}
	var all bytes.Buffer
	piece := make([]byte, 64<<10)
	for {
		wait := r.patience()
		if all.Len() == 0 && r.truth.first+r.truth.says != "" {
			wait = harness.Patience // something comes
		}
		if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return came{}, err
		}
		n, err := conn.Read(piece)
		all.Write(piece[:n])
		var timeout net.Error
		switch {
		case errors.Is(err, io.EOF):
			return came{all.String(), endFIN}, nil
		case errors.Is(err, syscall.ECONNRESET):
			return came{all.String(), endRST}, nil
		case errors.As(err, &timeout) && timeout.Timeout():
			return came{all.String(), endSilence}, nil
		case err != nil:
			return came{}, err
		case isWhole(all.Bytes()):
			return came{all.String(), endKept}, nil
		}
	}
}

// isWhole reports whether these bytes are a whole answer, behind interim ones.
func isWhole(said []byte) bool {
	r := bufio.NewReader(bytes.NewReader(said))
	for {
		answer, err := http.ReadResponse(r, &http.Request{Method: http.MethodPost})
		if err != nil {
			return false
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return false
		}
		if answer.StatusCode >= 200 {
			return answer.ContentLength >= 0 || slices.Contains(answer.TransferEncoding, "chunked")
		}
	}
}

// listenToAll takes down every row of a place, by name. All are sent at once.
func listenToAll(t *testing.T, rows []row, at place) map[string]came {
	t.Helper()
	type result struct {
		name string
		came
		err error
	}
	results := make(chan result, len(rows))
	for _, row := range rows {
		go func() {
			heard, err := listen(at, row)
			results <- result{row.name, heard, err}
		}()
	}
	all := map[string]came{}
	for range rows {
		one := <-results
		require.NoError(t, one.err, one.name)
		all[one.name] = one.came
	}
	return all
}

// onTheWire are the rows that put something on a connection that stands, in clear.
func onTheWire(r row) bool { return r.door == nil && !r.second }

// requireWire: the bytes that faultline sends are those of the failure itself, and so is the end; but for the order of the fields, and those that a proxy adds
// or that tell the time.
func requireWire(t *testing.T, o *outcome) {
	t.Helper()
	for _, row := range chosen(o.rows, onTheWire) {
		for in, heard := range map[placement]map[string]came{forward: o.wire, gateway: o.wireAtGateway} {
			assert.Equal(t, row.plainly(o.wireDirectly[row.name]), row.plainly(heard[row.name]), "%s, %s", row.name, in)
		}
	}
}

// plainly is what came, without what differs from one run of the same failure to the next, and the reason phrases.
func (r row) plainly(c came) came {
	if r.sound != "" {
		return came{"", c.end}
	}
	rest, heads := c.bytes, []string{}
	for strings.HasPrefix(rest, "HTTP/1.1 ") {
		head, behind, found := strings.Cut(rest, "\r\n\r\n")
		if !found {
			break
		}
		heads, rest = append(heads, headPlainly(head)), behind
	}
	return came{strings.Join(heads, "") + rest, c.end}
}

func headPlainly(head string) string {
	lines := strings.Split(head, "\r\n")
	status, fields := lines[0][:len("HTTP/1.1 200")], slices.DeleteFunc(lines[1:], func(line string) bool {
		return strings.HasPrefix(line, "Date: ") || strings.HasPrefix(line, "Via: ")
	})
	for i, line := range fields {
		if value, has := strings.CutPrefix(line, "Retry-After: "); has {
			fields[i] = "Retry-After: " + roughly(value)
		}
	}
	slices.Sort(fields)
	return strings.Join(append([]string{status}, fields...), "\r\n") + "\r\n\r\n"
}
