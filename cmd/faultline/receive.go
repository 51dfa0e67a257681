package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/receiver"
	"github.com/faultline/faultline/schema"
)

func receiveCommand(w world) *cobra.Command {
	var flags receiveFlags
	cmd := &cobra.Command{
		Use:   "receive",
		Short: "Stand for a webhook endpoint: take whatever comes, keep it, answer a fixed code",
		Long: `receive is a webhook endpoint that is always up. It takes any method at any path, keeps each payload in a file of its own (webhook_data_*.json), writes a
line for each into its log, and answers --response-code. GET /status shows what came. It runs until it is told to stop.

A file has the body exactly as it came: text as a string in "body", other bytes as {"base64": …}; JSON that is not too large stands in "json" as well.
Header fields are kept as they came, secrets included: the files are for their owner only.`,
		Example: "  faultline receive\n  faultline receive --port 9001 --response-code 200 --data-dir received --keep 1000\n  curl http://127.0.0.1:9001/status",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runReceive(cmd.Context(), w, flags)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	f := cmd.Flags()
	f.StringVar(&flags.host, "host", "127.0.0.1", "address that it listens at; anybody who reaches it may send")
	f.IntVar(&flags.port, "port", 9001, "port that it listens at; 0 picks one")
	f.IntVar(&flags.code, "response-code", http.StatusInternalServerError, "the answer, from 200 to 599")
	f.StringVar(&flags.logFile, "log-file", "webhook_receiver.log", "file that gets a line of JSON per request")
	f.StringVar(&flags.dataDir, "data-dir", ".", "folder that gets a file per payload")
	f.IntVar(&flags.keep, "keep", 0, "how many payload files are kept, the newest ones; 0: all")
	f.StringVar(&flags.maxBody, "max-body", "100MiB", "how large a body may be; a larger one is answered 413")
	f.StringArrayVar(&flags.secrets, "secret", nil, "secret that senders sign with (Standard Webhooks, GitHub, Stripe); may be repeated")
	f.BoolVar(&flags.tls, "tls", false, "speak https, with a certificate of our CA")
	caDirFlag(cmd, &flags.caDir)
	f.StringVar(&flags.readyFile, "ready-file", "", "file that gets the address, as JSON, once ready")
	f.BoolVar(&flags.quiet, "quiet", false, "print no line per request")
	return cmd
}

type receiveFlags struct {
	host, logFile, dataDir, maxBody, caDir, readyFile string
	port, code, keep                                  int
	secrets                                           []string
	tls, quiet                                        bool
}

// reception is a running receiver.
type reception struct {
	term     *terminal
	store    *receiver.Store
	endpoint *receiver.Receiver
	listener net.Listener
	server   *http.Server
	scheme   string

	mu  sync.Mutex // guards log
	log *os.File
}

func runReceive(ctx context.Context, w world, flags receiveFlags) error {
	if err := notReady(flags.readyFile); err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	r, err := openReception(w, flags)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- r.server.Serve(r.listener) }()
	r.greet(flags)
	if err = r.ready(flags.readyFile); err == nil {
		select {
		case <-ctx.Done():
		case s := <-signals:
			err = interrupted(s)
		case failed := <-served:
			err = exit{exitInternal, failed}
		}
	}
	return errors.Join(err, r.close(), notReady(flags.readyFile))
}

// openReception opens all that a receiver needs. Whatever it opened it closes again when a later part cannot be had.
func openReception(w world, flags receiveFlags) (_ *reception, err error) {
	r := &reception{term: newTerminal(w, flags.quiet), scheme: "http"}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.release())
		}
	}()
	maxBody, err := schema.ParseSize(flags.maxBody)
	if err != nil {
		return nil, usage("--max-body %q: %w", flags.maxBody, err)
	}
	if r.store, err = receiver.OpenStore(flags.dataDir, flags.keep); err != nil {
		return nil, usage("--data-dir %s: %w", flags.dataDir, err)
	}
	if r.log, err = os.OpenFile(flags.logFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644); err != nil {
		return nil, usage("--log-file: %w", err)
	}
	logger := newLogger(w)
	r.endpoint, err = receiver.New(receiver.Config{
		Code: flags.code, MaxBody: maxBody, Secrets: flags.secrets, Store: r.store,
		Received: func(p receiver.Payload) {
			if err := r.note(p); err != nil {
				logger.Error("line missing from the log", "error", err)
			}
		},
		Failed: func(err error) { logger.Error("payload not kept as asked", "error", err) },
	})
	if err != nil {
		return nil, usage("--response-code: %w", err)
	}
	listener, err := listenOn("port", net.JoinHostPort(flags.host, strconv.Itoa(flags.port)))
	if err != nil {
		return nil, err
	}
	r.listener = listener
	// A sender may be as slow as it likes with its body: how long that may take is no endpoint's to say.
	r.server = &http.Server{Handler: r.endpoint, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 0, WriteTimeout: 0, IdleTimeout: 0, MaxHeaderBytes: 256 << 10}
	if flags.tls {
		err = r.secure(w, flags.caDir)
	}
	return r, err
}

// secure has the listener speak TLS, with a leaf of our CA for whatever name it is called by.
func (r *reception) secure(w world, dir string) error {
	authority, err := openCA(w, dir)
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(r.listener.Addr().String())
	if err != nil {
		return fmt.Errorf("address of the listener: %w", err)
	}
	r.scheme = "https"
	r.listener = tls.NewListener(r.listener, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return authority.Leaf(cmp.Or(hello.ServerName, host))
		},
	})
	r.term.say("  https:   trusted by whoever uses %s", authority.Paths().Bundle)
	return nil
}

func (r *reception) greet(flags receiveFlags) {
	r.term.say("faultline %s  receives at %s, answers %d   log %s   payloads %s", version, r.url(), flags.code, flags.logFile, filepath.Join(flags.dataDir, "webhook_data_*.json"))
	r.term.say("  status:  %s/status", r.url())
}

func (r *reception) url() string { return r.scheme + "://" + r.listener.Addr().String() }

// ready writes the ready file.
func (r *reception) ready(file string) error {
	return writeReady(file, struct {
		URL string `json:"url"`
		PID int    `json:"pid"`
	}{r.url(), os.Getpid()})
}

// note writes a payload's line to the log, and to the terminal.
func (r *reception) note(p receiver.Payload) error {
	line, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode line: %w", err)
	}
	if !r.term.quiet {
		r.term.say("%s %s %s %s   %d   %s", p.At.Local().Format(time.TimeOnly), printable(p.Method), printable(p.Path), received(p), p.Code, p.File)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err = r.log.Write(append(line, '\n'))
	return err
}

// received says what a payload is.
func received(p receiver.Payload) string {
	text := fmt.Sprintf("%s, %d bytes", p.Type, p.Bytes)
	if p.Depth > 0 {
		text += fmt.Sprintf(", %d deep", p.Depth)
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

// stopWait is how long requests that are under way get at the end.
const stopWait = 10 * time.Second

// close ends the receiver when what is under way is done.
func (r *reception) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	err := r.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = r.server.Close()
	}
	s := r.endpoint.Status()
	r.term.say("received %d, of them %d with an id that had come before; %d cut, %d too large, %d not kept", s.Received, s.Duplicates, s.Cut, s.TooLarge, s.Unkept)
	return errors.Join(err, r.release())
}

func (r *reception) release() (err error) {
	if r.listener != nil {
		if closed := r.listener.Close(); !errors.Is(closed, net.ErrClosed) {
			err = closed
		}
	}
	if r.log != nil {
		err = errors.Join(err, r.log.Close())
	}
	if r.store != nil {
		err = errors.Join(err, r.store.Close())
	}
	return err
}
