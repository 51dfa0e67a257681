package proxy

import (
	"net"
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
	add := func(c *senderConn) *senderConn {
		evicted, taken := set.add(c)
		require.True(t, taken)
		return evicted
	}
	for _, c := range conns[:3] {
		require.Nil(t, add(c))
		c.heard.Store(true)
		set.busy(c)
	}
	require.Nil(t, add(conns[3]), "all are busy")
	set.remove(conns[3])

	set.rest(conns[2])
	set.rest(conns[1])
	require.Same(t, conns[2], add(conns[4]))
	set.rest(conns[2])
	set.busy(conns[1])
	conns[4].since = time.Now().Add(-2 * newWait)
	require.Same(t, conns[4], add(conns[5]), "one that has not sent anything for a time is idle")
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
		evicted, _ := set.add(conns[i])
		require.Nil(t, evicted)
		if i == 0 {
			send(t, sender.(*net.TCPConn))
			require.Eventually(t, func() bool { return hasUnread(conns[i].tcp) }, time.Minute, time.Millisecond)
		}
	}
	evicted, _ := set.add(&senderConn{tcp: &net.TCPConn{}})
	require.Same(t, conns[1], evicted)
	require.Equal(t, int64(1), set.evicted.Load())
}
