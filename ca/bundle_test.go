package ca

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBundle(t *testing.T) {
	other := string(encode(certificateBlock, opened(t, t.TempDir(), noon).pair.cert.Raw))
	places := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(places, name)
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		return name
	}
	missing := filepath.Join(places, "missing")
	plain := file("plain", other+other)
	noted := file("noted", "# Acme Root\nsubject= /CN=Acme\n"+strings.TrimSuffix(other, "\n")+"\n"+string(encode("TRUSTED CERTIFICATE", []byte{1})))
	empty := file("empty", "")
	tests := []struct {
		name   string
		places []string
		roots  string
		others string
	}{
		{"no place at all", nil, "", ""},
		{"none exists", []string{missing, places}, "", ""},
		{"one without certificates", []string{empty, plain}, plain, other + other},
		{"the first that exists", []string{missing, plain, noted}, plain, other + other},
		{"comments and other blocks are left out", []string{noted}, noted, other},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			a, err := open(dir, at(noon), tt.places)
			require.NoError(t, err)
			require.Equal(t, tt.roots, a.SystemRoots())
			ours, err := os.ReadFile(a.Paths().CA)
			require.NoError(t, err)
			bundle, err := os.ReadFile(a.Paths().Bundle)
			require.NoError(t, err)
			require.Equal(t, string(ours)+tt.others, string(bundle))
		})
	}
}

// Each Open writes it anew, with the roots as they are then and with the CA as it is then.
func TestBundleFollows(t *testing.T) {
	dir := t.TempDir()
	opened(t, dir, noon)
	require.NoError(t, os.WriteFile(filepath.Join(dir, bundleFile), []byte("stale"), 0o644))
	a := opened(t, dir, noon.Add(60*24*time.Hour))
	bundle, err := os.ReadFile(a.Paths().Bundle)
	require.NoError(t, err)
	require.Equal(t, string(encode(certificateBlock, a.pair.cert.Raw)), string(bundle))
}
