package main

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/faultline/faultline/receiver"
	"github.com/faultline/faultline/schema"
)

// reception is a receiver's endpoint with its files.
type reception struct {
	world    world
	term     *terminal
	store    *receiver.Store
	endpoint *receiver.Receiver
	scheme   string
	logFile  string
	logger   *slog.Logger
	greeted  bool

	mu  sync.Mutex // guards log
	log *os.File
}

// openReception opens the files. Whatever it opened it closes again when a later part cannot be had.
func openReception(w world, flags receiveFlags) (_ *reception, err error) {
	r := &reception{world: w, term: newTerminal(w, flags.quiet), scheme: "http", logFile: flags.logFile, logger: newLogger(w)}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.release())
		}
	}()
	maxBody, err := schema.ParseSize(flags.maxBody)
	switch {
	case err != nil:
		return nil, usage("--max-body %q: %w", flags.maxBody, err)
	case maxBody == 0:
		return nil, usage("--max-body 0: want a size such as 1MiB, with which it takes bodies at all")
	}
	if r.store, err = receiver.OpenStore(flags.dataDir, flags.keep); err != nil {
		return nil, usage("--data-dir %s: %w", flags.dataDir, err)
	}
	if r.log, err = r.openLog(); err != nil {
		return nil, usage("--log-file: %w", err)
	}
	r.endpoint, err = receiver.New(receiver.Config{
		Code: flags.code, MaxBody: maxBody, Secrets: flags.secrets, Store: r.store, Received: r.note, Refused: r.note,
		Failed: func(err error) { r.logger.Error("payload not kept as asked", "error", err) },
	})
	if err != nil {
		return nil, usage("%w", err)
	}
	return r, nil
}

func (r *reception) openLog() (*os.File, error) {
	return os.OpenFile(r.logFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
}

// reopen goes on in a log of the same name: the one that was written may have been moved away. One that cannot be opened leaves it as it is.
func (r *reception) reopen() {
	anew, err := r.openLog()
	if err != nil {
		r.logger.Error("log not opened anew", "error", err)
		return
	}
	r.mu.Lock()
	before := r.log
	r.log = anew
	r.mu.Unlock()
	if err := before.Close(); err != nil {
		r.logger.Error("log not closed", "error", err)
	}
}

// listen opens the listener, and says by which URL it is reached.
func (r *reception) listen(flags receiveFlags) (net.Listener, string, error) {
	listener, err := listenOn("port", flags.listen())
	if err != nil {
		return nil, "", err
	}
	secured, err := r.secured(flags)
	if err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	url := r.scheme + "://" + listener.Addr().String()
	if secured == nil {
		return listener, url, nil
	}
	return tls.NewListener(listener, secured), url, nil
}

// secured is how connections are secured, with --tls: by a leaf of our CA for whatever name the receiver is called by.
func (r *reception) secured(flags receiveFlags) (*tls.Config, error) {
	if !flags.tls {
		return nil, nil
	}
	authority, err := openCA(r.world, flags.caDir, caDirOption)
	if err != nil {
		return nil, err
	}
	r.scheme = "https"
	r.term.say("  https:   trusted by whoever uses %s", authority.Paths().Bundle)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return authority.Leaf(cmp.Or(hello.ServerName, flags.host))
		},
	}, nil
}

func (r *reception) greet(url string, flags receiveFlags) {
	r.greeted = true
	r.term.say("faultline %s  receives at %s, answers %d   log %s   payloads %s", version, url, flags.code, flags.logFile, filepath.Join(flags.dataDir, "webhook_data_*.json"))
	r.term.say("  status:  %s/status", url)
}

// note writes a payload's line to the log, and to the terminal.
func (r *reception) note(p receiver.Payload) {
	if !r.term.quiet {
		r.term.say("%s %s %s %s   %d   %s", p.At.Local().Format(time.TimeOnly), printable(p.Method), printable(p.Path), received(p), p.Code, p.File)
	}
	line, err := json.Marshal(p)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		_, err = r.log.Write(append(line, '\n'))
	}
	if err != nil {
		r.logger.Error("line missing from the log", "error", err)
	}
}

// received says what a payload is.
func received(p receiver.Payload) string {
	text := fmt.Sprintf("%s, %d bytes", p.Type, p.Bytes)
	if p.Depth > 0 {
		text += fmt.Sprintf(", %d deep", p.Depth)
	}
	if p.Encoding != "" {
		text += ", " + printable(p.Encoding)
	}
	if p.Problem != "" {
		text += ", " + printable(p.Problem)
	}
	switch {
	case p.Signature == nil:
	case p.Signature.OK:
		text += ", signed (" + p.Signature.Scheme + ")"
	default:
		text += ", BAD SIGNATURE: " + printable(p.Signature.Problem)
	}
	return text
}

// close says what came, and closes the files.
func (r *reception) close() error {
	if !r.greeted {
		return r.release() // it has not served
	}
	s := r.endpoint.Status()
	r.term.say("received %d, of them %d with an id that had come before; %d cut, %d too large, %d not kept", s.Received, s.Duplicates, s.Cut, s.TooLarge, s.Unkept)
	return r.release()
}

func (r *reception) release() (err error) {
	if r.log != nil {
		err = r.log.Close()
	}
	if r.store != nil {
		err = errors.Join(err, r.store.Close())
	}
	return err
}
