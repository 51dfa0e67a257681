package analysis_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// write writes a log of records, and gives its folder.
func write(t testing.TB, records []deliveries.Record) (dir string) {
	t.Helper()
	var lines bytes.Buffer
	for _, r := range records {
		line, err := deliveries.Line(inLog(t, r))
		require.NoError(t, err)
		lines.Write(line)
	}
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.jsonl"), lines.Bytes(), 0o644))
	return dir
}

// inLog fills in what a Writer does.
func inLog(t testing.TB, record deliveries.Record) deliveries.Record {
	t.Helper()
	switch r := record.(type) {
	case *deliveries.Attempt:
		r.V, r.Event = 1, deliveries.EventAttempt
	case *deliveries.Run:
		r.V, r.Event = 1, deliveries.EventRun
	case *deliveries.Open:
		r.V, r.Event = 1, deliveries.EventOpen
	case *deliveries.Other:
		r.V, r.Event = 1, deliveries.EventOther
	case *deliveries.Gap:
		r.V, r.Event = 1, deliveries.EventGap
	case *deliveries.Change:
		r.V, r.Event = 1, deliveries.EventChange
	case *deliveries.Connect:
		r.V, r.Event = 1, deliveries.EventConnect
	case *deliveries.Tunnel:
		r.V, r.Event = 1, deliveries.EventTunnel
	default:
		require.FailNow(t, "no line", "%T", record)
	}
	return record
}

// logIn is what a folder has.
func logIn(t testing.TB, dir string) *analysis.Log {
	t.Helper()
	var log analysis.Log
	read, err := deliveries.Group(t.Context(), deliveries.Reading{Other: log.Add}, dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, read.Close()) })
	log.Use(read)
	return &log
}
