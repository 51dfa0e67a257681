package proxy

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestLongestIdleMakesRoom: beyond the limit the connection that has been idle for longest goes; a busy one does not.
func TestLongestIdleMakesRoom(t *testing.T) {
	set := connSet{limit: 3}
	conns := make([]*senderConn, 6)
	for i := range conns {
		conns[i] = &senderConn{tcp: &net.TCPConn{}}
	}
	for _, c := range conns[:3] {
		require.Nil(t, set.add(c))
		set.changed(c, http.StateActive)
	}
	require.Nil(t, set.add(conns[3]), "all are busy")
	set.remove(conns[3])

	set.changed(conns[2], http.StateIdle)
	set.changed(conns[1], http.StateIdle)
	set.changed(conns[0], http.StateHijacked)
	require.Same(t, conns[2], set.add(conns[4]))
	set.changed(conns[2], http.StateClosed)
	set.changed(conns[1], http.StateActive)
	require.Same(t, conns[4], set.add(conns[5]), "one that has not sent anything yet is idle")
	require.Equal(t, 3, set.len())
}

// TestRequestsAreNotEvicted: a connection on which a request has come, unread as yet, does not go.
func TestRequestsAreNotEvicted(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	set := connSet{limit: 2}
	conns := make([]*senderConn, 2)
	for i := range conns {
		sender, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = sender.Close() })
		accepted, err := listener.Accept()
		require.NoError(t, err)
		t.Cleanup(func() { _ = accepted.Close() })
		conns[i] = &senderConn{Conn: accepted, tcp: accepted.(*net.TCPConn)}
		require.Nil(t, set.add(conns[i]))
		if i == 0 {
			send(t, sender.(*net.TCPConn))
			require.Eventually(t, func() bool { return hasUnread(conns[i].tcp) }, time.Minute, time.Millisecond)
		}
	}
	require.Same(t, conns[1], set.add(&senderConn{tcp: &net.TCPConn{}}))
	require.Equal(t, int64(1), set.evicted.Load())
}
