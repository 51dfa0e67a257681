package receiver

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// intake is one request on its way in.
type intake struct {
	cfg    *Config
	r      *http.Request
	said   *description
	signed *signed
	name   string // of its file
	body   *spool // nil: it is forgotten
	unkept error  // the body could not be kept
}

func (e *Receiver) begin(r *http.Request) *intake {
	in := &intake{cfg: &e.cfg, r: r, said: newDescription(), signed: verifies(e.cfg.Secrets, r.Header, time.Now())}
	if e.cfg.Store != nil {
		in.name = e.cfg.Store.name(time.Now())
		in.body = e.cfg.Store.spool(in.name)
	}
	return in
}

// read takes the body in. Where it cannot be kept it is read all the same: that is not its sender's fault.
func (in *intake) read(body io.Reader) error {
	_, err := io.Copy(in, body)
	return err
}

// Write takes a part of the body. It never fails.
func (in *intake) Write(p []byte) (int, error) {
	_, _ = in.said.Write(p)
	if in.signed != nil {
		_, _ = in.signed.Write(p)
	}
	if in.body != nil && in.unkept == nil {
		_, in.unkept = in.body.Write(p)
	}
	return len(p), nil
}

// bare reports whether a request carries nothing to keep: it asks for something.
func (in *intake) bare() bool {
	switch in.r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return in.said.n == 0
	default:
		return false
	}
}

// payload describes what came.
func (in *intake) payload(code int) Payload {
	p := Payload{
		At: time.Now().UTC(), Method: in.r.Method, Path: in.r.URL.EscapedPath(), ID: in.r.Header.Get("Webhook-Id"),
		Bytes: in.said.n, SHA256: in.said.digest(), Code: code, Encoding: strings.Join(in.r.Header.Values("Content-Encoding"), ", "), Signature: in.signed.result(),
	}
	if !in.bare() {
		p.File = in.name
	}
	contentType := in.r.Header.Get("Content-Type")
	p.Type, p.Depth = in.said.kind(contentType)
	if len(codings(p.Encoding)) > 0 && in.body != nil && in.said.n > 0 {
		in.unpack(&p, contentType)
	}
	return p
}

// refused describes what came of a request that is no receipt.
func (in *intake) refused(code int, why string) Payload {
	return Payload{
		At: time.Now().UTC(), Method: in.r.Method, Path: in.r.URL.EscapedPath(), ID: in.r.Header.Get("Webhook-Id"), Bytes: in.said.n, Code: code, Type: part, Problem: why,
		Encoding: in.r.Header.Get("Content-Encoding"),
	}
}

func (in *intake) unpack(p *Payload, contentType string) {
	body, err := in.body.reader()
	if err != nil {
		p.Problem = err.Error()
		return
	}
	unpacked, err := describeDecoded(body, p.Encoding, in.cfg.MaxBody)
	if err != nil {
		p.Problem = err.Error()
		return
	}
	p.Type, p.Depth = unpacked.kind(contentType)
	p.Unpacked = unpacked.n
}

// keep writes the payload's file.
func (in *intake) keep(p Payload) error {
	if in.body == nil || in.bare() {
		return nil
	}
	return in.cfg.Store.put(in.name, file{
		Payload: p, URL: in.r.RequestURI, Proto: in.r.Proto, Client: in.r.RemoteAddr, Header: in.r.Header, Trailer: in.r.Trailer, Transfer: in.r.TransferEncoding,
	}, in.body, in.said.isText())
}

// close forgets what was kept of a body until its file was written. An error leaves a hidden file behind, which the next start removes.
func (in *intake) close() {
	if in.body != nil {
		_ = in.body.Close()
	}
}
