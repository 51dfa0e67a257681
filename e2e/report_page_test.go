package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// The page of a report, of logs small, large and ill-meant, as a browser shows it: nothing sticks out of it, wide, middling or narrow, light, dark or on paper; labels
// stand clear of each other; and it asks for nothing but itself.
func TestReportPageInABrowser(t *testing.T) {
	t.Parallel()
	browser := harness.StartBrowser(t)
	for _, log := range reportLogs() {
		t.Run(log.name, func(t *testing.T) {
			url := "file://" + reportPage(t, log)
			page := browser.Open(url, false)
			page.WaitFor(`document.readyState`, "complete")
			for _, width := range []int{1280, 800, 390} {
				for _, scheme := range []struct{ name, ground string }{{"light", "rgb(255, 255, 255)"}, {"dark", "rgb(20, 23, 27)"}} {
					page.Show(width, scheme.name)
					page.WaitFor("innerWidth", fmt.Sprint(width))
					page.WaitFor("getComputedStyle(document.body).backgroundColor", scheme.ground)
					require.Empty(t, page.Text(sticksOut), "%d wide, %s", width, scheme.name)
					require.Empty(t, page.Text(overlaps), "%d wide, %s", width, scheme.name)
				}
			}
			page.Show(720, "dark")
			page.Print()
			page.WaitFor("getComputedStyle(document.body).backgroundColor", "rgb(255, 255, 255)")
			require.Empty(t, page.Text(sticksOut), "on paper")
			require.Empty(t, page.Text(overlaps), "on paper")
			require.Equal(t, fmt.Sprint(log.deliveries > 0), page.Text(`document.querySelectorAll("figure svg").length > 0`))
			for _, fetched := range browser.Fetched() {
				require.True(t, fetched == "about:blank" || strings.HasPrefix(fetched, "file://") && strings.HasSuffix(fetched, "report.html"), fetched)
			}
		})
	}
	require.Len(t, browser.Fetched(), len(reportLogs()), "each page itself, and nothing else")
	require.Empty(t, browser.Said())
}

// sticksOut tells what of a page lies outside of it; but for the head of a table that a narrow page leaves to screen readers.
const sticksOut = `[document.documentElement.scrollWidth > innerWidth ? "the page scrolls sideways" : "",
	...[...document.querySelectorAll("body *")].filter((e) => {
		const box = e.getBoundingClientRect();
		return box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5) && !e.closest("thead, defs");
	}).map((e) => e.outerHTML.slice(0, 200))].filter((text) => text).join("\n")`

// overlaps tells which labels of an axis lie on each other.
const overlaps = `[...document.querySelectorAll("svg")].flatMap((svg) => {
	const labels = [...svg.querySelectorAll("text")].map((e) => ({text: e.textContent, box: e.getBoundingClientRect()})).filter((l) => l.box.width > 0);
	return labels.flatMap((a, i) => labels.slice(i + 1).filter((b) =>
		a.box.left < b.box.right && b.box.left < a.box.right && a.box.top + 2 < b.box.bottom && b.box.top + 2 < a.box.bottom
	).map((b) => a.text + " on " + b.text));
}).join("\n")`

// reportPage makes a log and its page, and gives the page's file.
func reportPage(t *testing.T, log reportLog) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.jsonl"), []byte(log.lines(t)), 0o600))
	file := filepath.Join(dir, "report.html")
	cmd := exec.Command(binaries.Plain, "report", dir, "--html", file)
	text, err := cmd.CombinedOutput()
	want := 0
	if log.deliveries == 0 {
		want = 3
	}
	require.Equal(t, want, cmd.ProcessState.ExitCode(), "%v: %s", err, text)
	return file
}
