package receiver

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// written is what writeString makes of text, read back.
func written(t *testing.T, from io.Reader) (text string) {
	t.Helper()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	require.NoError(t, writeString(w, from))
	require.NoError(t, w.Flush())
	require.NoError(t, json.Unmarshal(b.Bytes(), &text), b.String())
	return text
}

// keeping is a receiver that keeps payloads in a folder of the test's.
func keeping(t *testing.T, cfg Config, keep int) (*Receiver, string) {
	t.Helper()
	dir := t.TempDir()
	store, err := OpenStore(dir, keep)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	cfg.Store = store
	cfg.Failed = func(err error) { t.Error(err) }
	return newReceiver(t, cfg), dir
}

// kept is a payload file as its readers see it.
type kept struct {
	Payload
	URL    string          `json:"url"`
	Header http.Header     `json:"header"`
	Body   json.RawMessage `json:"body"`
	JSON   json.RawMessage `json:"json"`
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

// only is the one payload in a folder, and its body's bytes.
func only(t *testing.T, dir string) (kept, []byte) {
	t.Helper()
	names := files(t, dir)
	require.Len(t, names, 1)
	data, err := os.ReadFile(filepath.Join(dir, names[0]))
	require.NoError(t, err)
	var k kept
	require.NoError(t, json.Unmarshal(data, &k))
	require.Equal(t, names[0], k.File)
	var text string
	if json.Unmarshal(k.Body, &text) == nil {
		return k, []byte(text)
	}
	var other struct{ Base64 []byte }
	require.NoError(t, json.Unmarshal(k.Body, &other))
	return k, other.Base64
}

func noise(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

func packed(t *testing.T, body string, by func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	w := by(&b)
	_, err := io.WriteString(w, body)
	require.NoError(t, errors.Join(err, w.Close()))
	return b.String()
}

// TestPayloadsAreKeptExactly: whatever it is, its file has its bytes, and says what they are.
func TestPayloadsAreKeptExactly(t *testing.T) {
	const nested = `{"claim": {"lines": [{"sum": 12}, {"sum": 13}]}}`
	gzipped := packed(t, nested, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	zstded := packed(t, nested, func(w io.Writer) io.WriteCloser {
		enc, err := zstd.NewWriter(w)
		require.NoError(t, err)
		return enc
	})
	bare := packed(t, nested, func(w io.Writer) io.WriteCloser {
		enc, err := flate.NewWriter(w, flate.BestSpeed)
		require.NoError(t, err)
		return enc
	})
	tests := []struct {
		name, body string
		header     []string
		want       Payload
		json       string
	}{
		{"json", nested, nil, Payload{Type: "json", Depth: 4}, nested},
		{"json with spaces, and a name twice", " {\"a\": 1, \"a\": 2 }\r\n", nil, Payload{Type: "json", Depth: 1}, "{\"a\": 1, \"a\": 2 }"},
		{"deeply nested", strings.Repeat(`{"a":`, 50_000) + "1" + strings.Repeat("}", 50_000), nil, Payload{Type: "json", Depth: 50_000}, ""},
		{"text", "héllo \x00 \u2028 </script>", nil, Payload{Type: "text"}, ""},
		{"not UTF-8", "h\xe9llo", nil, Payload{Type: "binary"}, ""},
		{"large text", strings.Repeat("0123456789é", 300_000), nil, Payload{Type: "text"}, ""},
		{"large JSON", `["` + strings.Repeat("0123456789é", 300_000) + `"]`, nil, Payload{Type: "json", Depth: 1}, ""},
		{"large noise", string(noise(3 << 20)), nil, Payload{Type: "binary"}, ""},
		{"form", "a=1&b=%20", []string{"Content-Type", "application/x-www-form-urlencoded"}, Payload{Type: "form"}, ""},
		{"multipart", "--x\r\n\r\n\x00\xff\r\n--x--\r\n", []string{"Content-Type", "multipart/form-data; boundary=x"}, Payload{Type: "multipart"}, ""},
		{"gzip", gzipped, []string{"Content-Encoding", "gzip"}, Payload{Type: "json", Depth: 4, Encoding: "gzip", Unpacked: int64(len(nested))}, ""},
		{"zstd", zstded, []string{"Content-Encoding", "zstd"}, Payload{Type: "json", Depth: 4, Encoding: "zstd", Unpacked: int64(len(nested))}, ""},
		{"no gzip at all", "{}", []string{"Content-Encoding", "gzip"}, Payload{Type: "json", Depth: 1, Encoding: "gzip", Problem: "unpack gzip: it ends too early"}, ""},
		{"deflate", packed(t, nested, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), []string{"Content-Encoding", "deflate"}, Payload{Type: "json", Depth: 4, Encoding: "deflate", Unpacked: int64(len(nested))}, ""},
		{"deflate, bare", bare, []string{"Content-Encoding", "Deflate"}, Payload{Type: "json", Depth: 4, Encoding: "Deflate", Unpacked: int64(len(nested))}, ""},
		{"packed twice", packed(t, bare, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), []string{"Content-Encoding", "deflate, gzip"}, Payload{Type: "json", Depth: 4, Encoding: "deflate, gzip", Unpacked: int64(len(nested))}, ""},
		{"packed not at all", nested, []string{"Content-Encoding", "identity"}, Payload{Type: "json", Depth: 4, Encoding: "identity"}, nested},
		{"a gzip that is cut", gzipped[:len(gzipped)-6], []string{"Content-Encoding", "gzip"}, Payload{Type: "binary", Encoding: "gzip", Problem: "unpack gzip: it ends too early"}, ""},
		{"a coding that is not known", "\xff", []string{"Content-Encoding", "br"}, Payload{Type: "binary", Encoding: "br", Problem: `content coding "br" is not known here`}, ""},
		{"nothing", "", nil, Payload{Type: "empty"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, dir := keeping(t, Config{}, 0)
			r := httptest.NewRequest("POST", "/claims/7?x=%41", strings.NewReader(tt.body))
			r.Header.Set("Authorization", "Bearer kept")
			if tt.header != nil {
				r.Header.Set(tt.header[0], tt.header[1])
			}
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			require.Equal(t, 200, w.Code)
			k, body := only(t, dir)
			require.True(t, tt.body == string(body), "the body is not what was sent")
			got := Payload{Type: k.Type, Depth: k.Depth, Encoding: k.Encoding, Unpacked: k.Unpacked, Problem: k.Problem}
			require.Equal(t, tt.want, got)
			require.Equal(t, int64(len(tt.body)), k.Bytes)
			require.Equal(t, "/claims/7?x=%41", k.URL)
			require.Equal(t, "Bearer kept", k.Header.Get("Authorization"))
			require.Equal(t, tt.json, string(k.JSON))
		})
	}
}

// TestBombsAreNotUnpacked: what would unpack to more than a body may have is not described.
func TestBombsAreNotUnpacked(t *testing.T) {
	bomb := packed(t, strings.Repeat("0", 10<<20), func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	e, dir := keeping(t, Config{MaxBody: 1 << 20}, 0)
	r := httptest.NewRequest("POST", "/", strings.NewReader(bomb))
	r.Header.Set("Content-Encoding", "gzip")
	e.ServeHTTP(httptest.NewRecorder(), r)
	k, _ := only(t, dir)
	require.Equal(t, "unpack gzip: over 1048576 bytes", k.Problem)
	require.Equal(t, "binary", k.Type)
}

// TestKeepsTheNewest: of all that came, and over a restart; foreign files stay, unfinished ones go.
func TestKeepsTheNewest(t *testing.T) {
	dir := t.TempDir()
	foreign := []string{"webhook_data_mine.json", "webhook_data_1_2.txt", "other.json"}
	for _, name := range append([]string{".webhook_data_1_000001.json.part", ".webhook_data_1_000001.json.body.part"}, foreign...) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	for run := range 2 {
		store, err := OpenStore(dir, 3)
		require.NoError(t, err)
		e := newReceiver(t, Config{Store: store})
		for i := range 5 {
			require.Equal(t, 200, send(e, "POST", "/", fmt.Sprintf("wh_%d", 5*run+i), "{}"))
		}
		require.Equal(t, 200, send(e, "GET", "/alive", "", "")) // nothing to keep
		require.NoError(t, store.Close())
	}
	names := files(t, dir)
	require.Subset(t, names, foreign)
	require.Len(t, names, 3+len(foreign))
	var ids []string
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		var k kept
		if json.Unmarshal(data, &k) == nil {
			ids = append(ids, k.ID)
		}
	}
	require.Equal(t, []string{"wh_7", "wh_8", "wh_9"}, ids)
}

// TestPayloadsBesideEachOther: each has a file of its own, whole at any moment.
func TestPayloadsBesideEachOther(t *testing.T) {
	e, dir := keeping(t, Config{}, 0)
	var senders sync.WaitGroup
	for i := range 100 {
		senders.Go(func() { send(e, "POST", "/", fmt.Sprintf("wh_%d", i), strings.Repeat(fmt.Sprint(i%10), 10_000)) })
	}
	senders.Wait()
	names := files(t, dir)
	require.Len(t, names, 100)
	seen := make(map[string]bool)
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		var k kept
		require.NoError(t, json.Unmarshal(data, &k))
		seen[k.ID] = true
	}
	require.Len(t, seen, 100)
}

// TestAPayloadThatCannotBeKept is no receipt, and its sender is told.
func TestAPayloadThatCannotBeKept(t *testing.T) {
	for _, size := range []int{2, 2 << 20} {
		dir := t.TempDir()
		store, err := OpenStore(dir, 0)
		require.NoError(t, err)
		var failed []error
		e := newReceiver(t, Config{Store: store, Failed: func(err error) { failed = append(failed, err) }})
		require.NoError(t, os.Remove(dir))
		require.Equal(t, 507, send(e, "POST", "/", "wh_1", strings.Repeat("x", size)))
		require.Len(t, failed, 1)
		require.Zero(t, e.Received("wh_1"))
		require.Equal(t, []int{0, 1}, []int{e.Status().Received, e.Status().Unkept})
		require.NoError(t, store.Close())
	}
}

// TestRefusedRequestsAreTold: what is no receipt leaves a line, too.
func TestRefusedRequestsAreTold(t *testing.T) {
	var refused []Payload
	e := newReceiver(t, Config{MaxBody: 10, Refused: func(p Payload) {
		p.At = time.Time{}
		refused = append(refused, p)
	}})
	require.Equal(t, 413, send(e, "POST", "/large", "wh_1", strings.Repeat("x", 11)))
	require.Panics(t, func() {
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("PUT", "/cut", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF))))
	})
	require.Equal(t, []Payload{
		{Method: "POST", Path: "/large", ID: "wh_1", Bytes: 10, Code: 413, Type: "part", Problem: "body is larger than 10 bytes"},
		{Method: "PUT", Path: "/cut", Bytes: 3, Type: "part", Problem: "the request was cut"},
	}, refused)
}

func TestBase64(t *testing.T) {
	for size := range 10 {
		body := noise(size)
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		require.NoError(t, writeBase64(w, bytes.NewReader(body)))
		require.NoError(t, w.Flush())
		require.Equal(t, `{"base64": "`+base64.StdEncoding.EncodeToString(body)+`"}`, b.String())
	}
}
