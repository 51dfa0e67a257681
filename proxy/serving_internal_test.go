package proxy

import (
	"io"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// TestAbortedReaderIsNotLent: what sends the body of an attempt that was aborted may be reading from its sender still. No other connection gets that reader.
func TestAbortedReaderIsNotLent(t *testing.T) {
	refused := make(chan string, 1)
	s := New(Config{
		Name: "faultline-test", Log: slog.New(slog.DiscardHandler), Refused: func(reason string) { refused <- reason }, Accepts: func() error { panic("provoked") },
	}, scenario.Empty())
	defer s.Shutdown(t.Context())
	require.NoError(t, s.begin())
	listener, err := Listen("127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	sender, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer sender.Close()
	tcp, err := listener.AcceptTCP()
	require.NoError(t, err)
	c := s.newSenderConn(tcp, tcp, entrance{placement: scenario.Forward}, nil)
	_, err = io.WriteString(sender, "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nbo")
	require.NoError(t, err)

	s.admit(c)
	require.NoError(t, sender.SetReadDeadline(time.Now().Add(time.Minute)))
	_, err = io.ReadAll(sender)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.Equal(t, "panic", <-refused)
	s.conns.serving.Wait()
	require.Nil(t, c.br)
}
