package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/http1"
)

// upgradeOf is the protocol that a request asks to switch to (RFC 9110 7.8), "" for none. HTTP/2 is none that is passed on: it would carry requests
// past the rules, and its settings are the connection's own.
func upgradeOf(r *http.Request) string {
	if !r.ProtoAtLeast(1, 1) {
		return ""
	}
	for _, value := range r.Header["Connection"] {
		for option := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(option), "upgrade") {
				return strings.Join(slices.DeleteFunc(slices.Clone(r.Header["Upgrade"]), isHTTP2), ", ")
			}
		}
	}
	return ""
}

func isHTTP2(protocol string) bool { return strings.EqualFold(strings.TrimSpace(protocol), "h2c") }

// switchProtocols: the target has agreed to another protocol. The sender is told, then bytes go both ways until both have ended.
func (x *exchange) switchProtocols() {
	x.s.tunnels.Add(1)
	defer x.s.tunnels.Add(-1)
	defer x.switched.close()
	x.w.status, x.w.header = x.resp.StatusCode, x.resp.Header
	x.end(ending{outcome: deliveries.Rejected, end: deliveries.Complete, by: deliveries.ByTarget})
	x.seize()
	stop := context.AfterFunc(x.r.Context(), x.switched.close)
	defer stop()
	if _, err := x.conn.Write(x.switchingHead()); err == nil {
		x.passBytes()
	}
	_ = x.conn.Close() // both ends have been seen
}

// switchingHead is the head of the 101, as the target sent it but for what concerns its connection.
func (x *exchange) switchingHead() []byte {
	h := endToEnd(x.resp.Header)
	h["Connection"] = []string{"Upgrade"}
	h["Upgrade"] = x.resp.Header["Upgrade"]
	h["Via"] = append(h["Via"], x.s.via(x.resp.ProtoMajor, x.resp.ProtoMinor))
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\n", x.resp.Status)
	http1.WriteFields(&b, h, nil)
	b.WriteString("\r\n")
	return b.Bytes()
}

// passBytes copies both ways; an end on one side is passed on to the other, a FIN as a FIN, a RST as a RST. What ends a copy otherwise ends the other with it.
func (x *exchange) passBytes() {
	x.allowHalfClose()
	var both sync.WaitGroup
	both.Go(func() {
		if _, err := io.Copy(x.body.pace.writer(x.switched.Conn), x.early); err != nil {
			x.breakOff(err)
			return
		}
		_ = x.switched.closeWrite() // an error means that the target has gone, which ends the other copy
	})
	both.Go(func() {
		if _, err := io.Copy(x.conn, x.switched.br); err != nil {
			x.breakOff(err)
			return
		}
		_ = x.conn.CloseWrite() // as above
	})
	both.Wait()
}

// breakOff ends both sides of another protocol when one has failed.
func (x *exchange) breakOff(err error) {
	if endOf(err) == deliveries.Reset {
		x.switched.reset()
		x.conn.reset()
		return
	}
	x.switched.close()
	_ = x.conn.Close() // an error means that it is closed already
}
