package ca

import (
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// opened is the Authority of a folder at a moment, without the roots of this machine.
func opened(t *testing.T, dir string, now time.Time) *Authority {
	t.Helper()
	a, err := open(dir, at(now), nil)
	require.NoError(t, err)
	return a
}

func mode(t *testing.T, name string) os.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	require.NoError(t, err)
	return info.Mode().Perm()
}

func TestOpenMakesACA(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "config", "faultline")
	a := opened(t, dir, noon)
	require.Equal(t, Made, a.Origin())
	require.Equal(t, Paths{CA: filepath.Join(dir, "ca.pem"), Bundle: filepath.Join(dir, "bundle.pem")}, a.Paths())
	require.Equal(t, os.FileMode(0o700), mode(t, dir))
	require.Equal(t, os.FileMode(0o600), mode(t, filepath.Join(dir, "ca.key")))

	cert, err := readCertificate(a.Paths().CA)
	require.NoError(t, err)
	require.Equal(t, a.pair.cert.Raw, cert.Raw)
	require.Equal(t, x509.ECDSA, cert.PublicKeyAlgorithm)
	require.Equal(t, x509.KeyUsageCertSign, cert.KeyUsage)
	require.True(t, cert.IsCA)
	require.True(t, cert.MaxPathLenZero)
	require.Equal(t, noon.Add(-time.Hour), cert.NotBefore)
	require.Equal(t, 30*24*time.Hour, cert.NotAfter.Sub(cert.NotBefore))
	require.Equal(t, cert.NotAfter, a.ValidUntil())
	require.Regexp(t, `^faultline CA [0-9a-f]{8}$`, cert.Subject.CommonName)
	require.NoError(t, cert.CheckSignatureFrom(cert))
	require.Regexp(t, `^([0-9A-F]{2}:){31}[0-9A-F]{2}$`, a.Fingerprint())

	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{"bundle.pem", "ca.key", "ca.lock", "ca.pem"}, base(files))
}

func base(names []string) []string {
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	return names
}

func TestOpenTwiceGivesTheSame(t *testing.T) {
	dir := t.TempDir()
	first := opened(t, dir, noon)
	second := opened(t, dir, noon.Add(time.Hour))
	require.Equal(t, Loaded, second.Origin())
	require.Equal(t, first.Fingerprint(), second.Fingerprint())
	require.NotEqual(t, first.leafKey, second.leafKey)
}

func TestOpenRenews(t *testing.T) {
	const day = 24 * time.Hour
	end := noon.Add(-time.Hour).Add(30 * day)
	tests := []struct {
		name string
		now  time.Time
		want Origin
	}{
		{"more than a day before its end", end.Add(-day - time.Second), Loaded},
		{"a day before its end", end.Add(-day), Renewed},
		{"after its end", end.Add(400 * day), Renewed},
		{"at its beginning", noon.Add(-time.Hour), Loaded},
		{"before its beginning, as a clock was wrong", noon.Add(-time.Hour - time.Second), Renewed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			old := opened(t, dir, noon)
			a := opened(t, dir, tt.now)
			require.Equal(t, tt.want, a.Origin())
			require.Equal(t, tt.want == Loaded, old.Fingerprint() == a.Fingerprint())
			require.Equal(t, tt.want == Loaded, fits(old.pair.cert, a.pair.key), "a new certificate has a new key")
			require.Equal(t, a.Fingerprint(), opened(t, dir, tt.now).Fingerprint(), "it was written")
			require.Equal(t, os.FileMode(0o600), mode(t, filepath.Join(dir, "ca.key")))
		})
	}
}

func TestOneOfManyProcessesMakesIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "faultline")
	self, err := os.Executable()
	require.NoError(t, err)
	said := make([]string, 8)
	var all sync.WaitGroup
	for i := range said {
		all.Go(func() {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), opener+"="+dir)
			out, err := cmd.CombinedOutput()
			said[i] = strings.TrimSpace(string(out))
			if err != nil {
				said[i] += ": " + err.Error()
			}
		})
	}
	all.Wait()
	fingerprint := opened(t, dir, time.Now()).Fingerprint()
	count := map[string]int{}
	for _, line := range said {
		count[line]++
	}
	require.Equal(t, map[string]int{"made " + fingerprint: 1, "loaded " + fingerprint: 7}, count)
}

func TestOneOfManyGoroutinesRenewsIt(t *testing.T) {
	dir := t.TempDir()
	opened(t, dir, noon)
	later := noon.Add(60 * 24 * time.Hour)
	origins := make([]Origin, 16)
	var all sync.WaitGroup
	for i := range origins {
		all.Go(func() {
			if a, err := open(dir, at(later), nil); err == nil {
				origins[i] = a.Origin()
			}
		})
	}
	all.Wait()
	count := map[Origin]int{}
	for _, o := range origins {
		count[o]++
	}
	require.Equal(t, map[Origin]int{Renewed: 1, Loaded: 15}, count)
}
