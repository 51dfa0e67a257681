package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server is the admin listener. Make it with NewServer, run it with Serve, end it with Close.
type Server struct {
	http *http.Server
}

// NewServer makes the admin listener's server for these metrics and their Config. Nothing runs before Serve.
func NewServer(m *Metrics) *Server {
	errorLog := slog.NewLogLogger(m.cfg.Logger.Handler(), slog.LevelWarn)
	metrics := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            errorLog,
		ErrorHandling:       promhttp.HTTPErrorOnError,
		MaxRequestsInFlight: 4,
		EnableOpenMetrics:   true,
	})
	return &Server{http: &http.Server{
		Handler:           guard(m.cfg.Token, routes(metrics, m.cfg)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          errorLog,
		BaseContext:       withListener,
	}}
}

// Serve answers on l until Close. It takes ownership of l. The error is nil after Close.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(l)
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve admin requests on %s: %w", l.Addr(), err)
	}
	return nil
}

// Close ends Serve and every connection at once: there is nothing to lose but a scrape.
func (s *Server) Close() error {
	if err := s.http.Close(); err != nil {
		return fmt.Errorf("close the admin listener: %w", err)
	}
	return nil
}

// routes are the pages of the admin listener, and its API.
func routes(metrics http.Handler, cfg Config) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/{$}", methods{"GET": livePage(cfg)})
	mux.Handle("/page.js", methods{"GET": page("text/javascript; charset=utf-8", pageScript)})
	mux.Handle("/metrics", methods{"GET": metrics.ServeHTTP})
	mux.Handle("/healthz", methods{"GET": page("text/plain; charset=utf-8", "ok\n")})
	mux.Handle("/readyz", methods{"GET": readyPage(cfg.Ready)})
	for path, does := range apiPaths(cfg) {
		mux.Handle(path, does)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("no page %q", r.URL.Path)}.write(w)
	})
	return mux
}

// apiPaths are the admin API, by path and method; none without a Control.
func apiPaths(cfg Config) map[string]methods {
	paths := make(map[string]methods)
	if cfg.Control == nil {
		return paths
	}
	maps.Copy(paths, api{cfg.Control}.paths())
	maps.Copy(paths, lists{cfg.Recent}.paths())
	maps.Copy(paths, (&events{recent: cfg.Recent}).paths())
	paths["/api/v1/overview"] = methods{"GET": cfg.overview}
	return paths
}

func page(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		write(w, []byte(body))
	}
}

// write ends an answer. Its error means that the client has gone: there is nobody left to tell.
func write(w http.ResponseWriter, body []byte) {
	_, _ = w.Write(body)
}

type listenerKey struct{}

func withListener(l net.Listener) context.Context {
	return context.WithValue(context.Background(), listenerKey{}, l.Addr())
}
