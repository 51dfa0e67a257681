package proxy

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/http1"
)

// forwardsLeft is how often a TRACE or OPTIONS may still be forwarded (RFC 9110 7.6.2); limited is false for requests that may always be.
func forwardsLeft(r *http.Request) (left uint64, limited bool) {
	if r.Method != http.MethodTrace && r.Method != http.MethodOptions {
		return 0, false
	}
	left, err := strconv.ParseUint(r.Header.Get("Max-Forwards"), 10, 32)
	return left, err == nil
}

// answerAsLast answers a request that may go no further as its final recipient does: it is no attempt, as no target was to get it.
func (x *exchange) answerAsLast() {
	if !x.readAll() {
		return
	}
	var body []byte
	if x.r.Method == http.MethodTrace {
		x.w.Header().Set("Content-Type", "message/http")
		body = x.received()
	}
	x.whole(http.StatusOK, body, ending{by: deliveries.ByProxy})
}

// received is the head of the request as it came, without what is secret (RFC 9110 9.3.8).
func (x *exchange) received() []byte {
	h := x.r.Header.Clone()
	for _, secret := range [...]string{"Authorization", "Cookie", "Proxy-Authorization"} {
		delete(h, secret)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s %s\r\nHost: %s\r\n", x.r.Method, x.r.RequestURI, x.r.Proto, x.r.Host)
	http1.WriteFields(&b, h, nil)
	b.WriteString("\r\n")
	return b.Bytes()
}
