package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// answering is a scenario whose one rule answers with a status.
func answering(status int) string {
	return fmt.Sprintf("name = \"s%d\"\n[[rule]]\nname = \"r%[1]d\"\nstatus = %[1]d\n", status)
}

// A change of the scenario's file comes into force in whatever way it is made, and a broken one changes nothing.
func TestReloadOfTheFile(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, file, text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o644)) }
	tests := []struct {
		name string
		// first makes the scenario in a folder, and gives its file; then changes it.
		first func(t *testing.T, dir, text string) string
		then  func(t *testing.T, dir, text string)
	}{
		{
			"written in place",
			func(t *testing.T, dir, text string) string {
				write(t, filepath.Join(dir, "s.toml"), text)
				return filepath.Join(dir, "s.toml")
			},
			func(t *testing.T, dir, text string) { write(t, filepath.Join(dir, "s.toml"), text) },
		},
		{
			"renamed over, as editors do",
			func(t *testing.T, dir, text string) string {
				write(t, filepath.Join(dir, "s.toml"), text)
				return filepath.Join(dir, "s.toml")
			},
			func(t *testing.T, dir, text string) {
				write(t, filepath.Join(dir, "s.toml~"), text)
				require.NoError(t, os.Rename(filepath.Join(dir, "s.toml~"), filepath.Join(dir, "s.toml")))
			},
		},
		{
			"removed, and written anew",
			func(t *testing.T, dir, text string) string {
				write(t, filepath.Join(dir, "s.toml"), text)
				return filepath.Join(dir, "s.toml")
			},
			func(t *testing.T, dir, text string) {
				require.NoError(t, os.Remove(filepath.Join(dir, "s.toml")))
				write(t, filepath.Join(dir, "s.toml"), text)
			},
		},
		{
			"a config map's links",
			func(t *testing.T, dir, text string) string {
				configMap(t, dir, text)
				require.NoError(t, os.Symlink("..data/s.toml", filepath.Join(dir, "s.toml")))
				return filepath.Join(dir, "s.toml")
			},
			configMap,
		},
		{
			"written where a link leads",
			func(t *testing.T, dir, text string) string {
				require.NoError(t, os.Mkdir(filepath.Join(dir, "there"), 0o755))
				write(t, filepath.Join(dir, "there", "s.toml"), text)
				require.NoError(t, os.Symlink("there/s.toml", filepath.Join(dir, "s.toml")))
				return filepath.Join(dir, "s.toml")
			},
			func(t *testing.T, dir, text string) { write(t, filepath.Join(dir, "there", "s.toml"), text) },
		},
	}
	target := harness.NewTarget(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			proxy := harness.Start(t, harness.Options{Binary: binaries.Race, File: tt.first(t, dir, answering(503))})
			sender := newSender(t, proxy)
			require.Equal(t, 503, status(t, sender, target.URL))

			tt.then(t, dir, "rule = 7\n")
			proxy.WaitFor(t, "rule: not a list of tables")
			require.Equal(t, 503, status(t, sender, target.URL), "a broken text changes nothing")

			for _, want := range []int{500, 418} {
				tt.then(t, dir, answering(want))
				harness.Until(t, fmt.Sprintf("the answer %d", want), harness.Patience, func() bool { return status(t, sender, target.URL) == want })
			}
		})
	}
}

// A file that is gone changes nothing, though a built-in scenario has its name; that it is gone is said once, whatever else happens in its folder.
func TestReloadOfAFileThatIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "outage.toml")
	write := func(file, text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o644)) }
	write(file, answering(418))
	target := harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Race, Dir: dir, File: "outage.toml"})
	sender := newSender(t, proxy)
	require.Equal(t, 418, status(t, sender, target.URL))

	require.NoError(t, os.Remove(file))
	proxy.WaitFor(t, "open outage.toml: no such file or directory")
	require.Equal(t, 418, status(t, sender, target.URL))
	for i := range 20 { // as when stderr is written there
		write(filepath.Join(dir, "other"), fmt.Sprint(i))
		require.Equal(t, 418, status(t, sender, target.URL))
	}
	write(file, answering(500))
	harness.Until(t, "the answer 500", harness.Patience, func() bool { return status(t, sender, target.URL) == 500 })
	require.Equal(t, 1, strings.Count(proxy.Stderr(), "no such file or directory"))
}

// configMap puts a text where Kubernetes puts that of a mounted config map: in a folder of its own, to which one link is renamed.
func configMap(t *testing.T, dir, text string) {
	revision, err := os.MkdirTemp(dir, "..2026_")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(revision, "s.toml"), []byte(text), 0o644))
	require.NoError(t, os.Symlink(filepath.Base(revision), filepath.Join(dir, "..data_tmp")))
	require.NoError(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
}

func status(t *testing.T, sender goSender, url string) int {
	t.Helper()
	got, err := sender.post(url+"/hook", "wh_1")
	require.NoError(t, err)
	return got
}

// put puts a text into force by the admin API.
func put(t *testing.T, proxy *harness.Faultline, text, ifMatch string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, proxy.Admin+"/api/v1/scenario", strings.NewReader(text))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/toml")
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, string(body)
}

// What the admin API put into force is not written to the file, and gives way to the file's next change, or to SIGHUP; a change of the file that leaves
// its text as it was is none.
func TestReloadByTheAdminAPI(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "s.toml")
	require.NoError(t, os.WriteFile(file, []byte(answering(503)), 0o644))
	target := harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Race, File: file})
	sender := newSender(t, proxy)

	code, body := put(t, proxy, answering(500), "")
	require.Equal(t, 200, code, body)
	require.Equal(t, 500, status(t, sender, target.URL))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, answering(503), string(text))

	code, body = put(t, proxy, answering(418), `"000000000000"`)
	require.Equal(t, 412, code, body)
	code, body = put(t, proxy, "[[rule]]\nname = \"x\"\n", "")
	require.Equal(t, 422, code, body)
	require.Contains(t, body, "rule without a fault")
	require.Equal(t, 500, status(t, sender, target.URL))

	require.NoError(t, os.WriteFile(file, []byte(answering(503)), 0o644))
	require.NoError(t, os.WriteFile(file+"2", nil, 0o644)) // by the time that this is noticed the one before was
	proxy.Signal(t, syscall.SIGHUP)
	harness.Until(t, "the file to be in force again", harness.Patience, func() bool { return status(t, sender, target.URL) == 503 })
	require.Len(t, proxy.Log.Of(t, "run"), 3)
	proxy.Stop(t)
}

// 200 reloads in two seconds under load, half of them broken: no attempt sees a mix, and the log has each revision before its attempts.
func TestReloadsUnderLoad(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := startQuiet(t, answering(500))
	stop := make(chan struct{})
	var senders sync.WaitGroup
	for i := range 8 {
		sender := newSender(t, proxy)
		senders.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := sender.post(target.URL+"/hook", fmt.Sprintf("wh_%d_%d", i, n)); err != nil {
					t.Errorf("attempt failed: %v", err)
					return
				}
			}
		})
	}
	begun := time.Now()
	for n := range 100 {
		code, body := put(t, proxy, answering(500+n%50), "")
		require.Equal(t, 200, code, body)
		code, _ = put(t, proxy, "rule = 7", "")
		require.Equal(t, 422, code)
	}
	t.Logf("200 reloads took %v", time.Since(begun))
	close(stop)
	senders.Wait()
	proxy.Stop(t)

	attempts := proxy.Log.Attempts(t)
	require.NotEmpty(t, attempts)
	for _, a := range attempts {
		var revision int
		_, err := fmt.Sscanf(string(a.Scenario), `"s%d@`, &revision)
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf("r%d", revision)}, a.Rules)
		require.Equal(t, revision, a.Answer.Status)
	}
	require.Len(t, proxy.Log.Of(t, "run"), 101)
	require.Empty(t, target.Seen())
}

// Gateways follow the scenario: one that stays keeps its connections, others come and go, or stand for another target at the same address.
func TestReloadOfGateways(t *testing.T) {
	t.Parallel()
	first, second := harness.NewTarget(t, nil), harness.NewTarget(t, nil)
	at := func() string { return "127.0.0.1:" + harness.FreePort(t) }
	stays, changes, comes := at(), at(), at()
	gateway := func(listen string, target *harness.Target) string {
		return fmt.Sprintf("[[gateway]]\nlisten = %q\ntarget = %q\n", listen, target.URL)
	}
	proxy := start(t, gateway(stays, first)+gateway(changes, first))
	sender := goSender{client: &http.Client{Transport: harness.GoTransport(t, "", "")}}
	through := func(address, path string) string { return sender.result("http://"+address+path, "wh_1") }
	require.Equal(t, "200", through(stays, "/a"))
	require.Equal(t, "200", through(changes, "/a"))
	require.Equal(t, "no answer", through(comes, "/a"))

	code, body := put(t, proxy, gateway(stays, first)+gateway(changes, second)+gateway(comes, second), "")
	require.Equal(t, 200, code, body)
	for _, address := range []string{stays, changes, comes} {
		require.Equal(t, "200", through(address, "/b"))
	}
	require.Len(t, first.Seen(), 3)
	require.Len(t, second.Seen(), 2)

	code, body = put(t, proxy, gateway(stays, first)+gateway("127.0.0.1:"+portOf(proxy.URL), first), "")
	require.Equal(t, 409, code, body)
	require.Contains(t, body, "address already in use")
	require.Equal(t, "200", through(comes, "/c"), "a text that cannot come into force changes nothing")

	code, body = put(t, proxy, gateway(stays, first), "")
	require.Equal(t, 200, code, body)
	require.Equal(t, "200", through(stays, "/d"))
	require.Equal(t, "no answer", through(changes, "/d"))
	require.Equal(t, "no answer", through(comes, "/d"))
	proxy.Stop(t)
}

func portOf(url string) string { return url[strings.LastIndexByte(url, ':')+1:] }
