package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/scenario"
)

// A connection that was opened holds on to nothing of its CONNECT, however long it stands.
func TestOpenedLetsGoOfItsConnect(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	s := New(Config{Log: slog.New(slog.DiscardHandler), Leaf: func(host string) (*tls.Certificate, error) { return authority.Leaf(host) }}, scenario.Empty())
	defer s.Shutdown(context.Background())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	sender := wiretest.Dial(t, l.Addr().String())
	secured := make(chan error)
	go func() { secured <- sender.TrySecure("127.0.0.1", authority.Pool()) }()
	conn, err := l.Accept()
	require.NoError(t, err)
	tcp := conn.(*net.TCPConn)

	open := func() (*senderConn, weak.Pointer[tunnel]) {
		r := httptest.NewRequestWithContext(t.Context(), "CONNECT", "//127.0.0.1:443", nil)
		opening := &tunnel{s: s, r: r, conn: s.newSenderConn(tcp, tcp, entrance{}, nil), early: bufio.NewReader(tcp), host: "127.0.0.1"}
		inner, err := opening.open()
		require.NoError(t, err)
		return inner, weak.Make(opening)
	}
	inner, opening := open()
	defer inner.Close()
	require.NoError(t, <-secured)
	runtime.GC()
	require.Nil(t, opening.Value())
	runtime.KeepAlive(inner)
}
