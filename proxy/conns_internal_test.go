package proxy

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLongestIdleMakesRoom: beyond the limit the connection that has been idle for longest goes; a busy one does not.
func TestLongestIdleMakesRoom(t *testing.T) {
	set := connSet{limit: 3}
	conns := make([]*senderConn, 6)
	for i := range conns {
		conns[i] = &senderConn{}
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
