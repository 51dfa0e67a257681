package proxy

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLeftUnsaid: who has sent a FIN has left, unless there is something to read before it; who has sent a RST has left.
func TestLeftUnsaid(t *testing.T) {
	tests := []struct {
		name string
		does func(t *testing.T, sender *net.TCPConn)
		read bool // what was sent
		want bool
	}{
		{"silent", func(*testing.T, *net.TCPConn) {}, false, false},
		{"sent", send, false, false},
		{"sent and closed", func(t *testing.T, c *net.TCPConn) { send(t, c); require.NoError(t, c.CloseWrite()) }, false, false},
		{"sent, read, closed", func(t *testing.T, c *net.TCPConn) { send(t, c); require.NoError(t, c.CloseWrite()) }, true, true},
		{"closed", func(t *testing.T, c *net.TCPConn) { require.NoError(t, c.Close()) }, false, true},
		{"reset", func(t *testing.T, c *net.TCPConn) {
			send(t, c)
			require.NoError(t, c.SetLinger(0))
			require.NoError(t, c.Close())
		}, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
			sender, err := net.Dial("tcp", listener.Addr().String())
			require.NoError(t, err)
			t.Cleanup(func() { _ = sender.Close() })
			accepted, err := listener.Accept()
			require.NoError(t, err)
			t.Cleanup(func() { _ = accepted.Close() })
			tt.does(t, sender.(*net.TCPConn))
			conn := &senderConn{tcp: accepted.(*net.TCPConn)}
			if tt.read {
				_, err := io.Copy(io.Discard, accepted)
				require.NoError(t, err)
			}
			require.Equal(t, tt.want, conn.leftUnsaid())
		})
	}
}

func send(t *testing.T, c *net.TCPConn) {
	_, err := io.WriteString(c, "hello")
	require.NoError(t, err)
}
