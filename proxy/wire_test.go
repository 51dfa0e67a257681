package proxy_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

func newChunks(w io.Writer) io.WriteCloser { return httputil.NewChunkedWriter(w) }

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// bodyOf is the body of a request as it stood on the wire, framing taken off.
func bodyOf(t *testing.T, raw string) string {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	require.NoError(t, err)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(body)
}

type (
	tlsCertificate = tls.Certificate
	configOf       = proxy.Config
)

func itoa(n int) string { return strconv.Itoa(n) }

// shutdown ends a proxy with all the patience that a test has.
func shutdown(t *testing.T, p *running) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), wiretest.Patience)
	defer cancel()
	p.Shutdown(ctx)
}
