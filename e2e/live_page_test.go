package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// shownTexts is what the page's tables show, cell by cell, but for times.
const shownTexts = `["rules", "endpoints", "attempts"].map((id) => [...document.getElementById(id).rows].map((row) => [...row.cells].map((cell) => cell.textContent).join("|")).join("\n")).join("\n\n")`

// livePage is a proxy with two phases and two rules, the first two attempts of whose senders are known.
func livePage(t *testing.T, flags ...string) (*harness.Faultline, *harness.Target) {
	t.Helper()
	target := harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Race, Flags: flags, Scenario: `
name = "claims <b>outage</b>"
seed = 9007199254740993
repeat_phases = true

[delivery]
match.host = "127.0.0.1"
key = "header:Webhook-Id"

[[phase]]
name = "fine"
for = "1h"

[[phase]]
name = "outage"
for = "1h"

[[rule]]
name = "<img src=x onerror=alert(1)>"
when.attempt = 1
status = 503

[[rule]]
name = "down"
when.phase = "outage"
status = 500
`})
	return proxy, target
}

// The page shows the same with and without its script, and goes on by itself with it; what senders and files have chosen is text.
func TestLivePageInABrowser(t *testing.T) {
	t.Parallel()
	proxy, target := livePage(t)
	sender := newSender(t, proxy)
	const evil = "<i>wh_1</i>"
	require.Equal(t, "503", sender.result(target.URL+"/hook", evil))
	require.Equal(t, "200", sender.result(target.URL+"/hook", evil))

	browser := harness.StartBrowser(t)
	plain := browser.Open(proxy.Admin, false)
	plain.WaitFor(`document.getElementById("attempts").rows.length`, "2")
	require.Equal(t, "true", plain.Text(`document.getElementById("switches").hidden`), "nothing can be switched without script")
	page := browser.Open(proxy.Admin, true)
	page.WaitFor(`document.getElementById("said").textContent`, "live")
	page.WaitFor(`document.querySelectorAll("#rules button").length`, "2")
	page.WaitFor(`document.getElementById("attempts").rows.length`, "2")
	withoutScript := plain.Text(shownTexts)
	require.Contains(t, withoutScript, evil)
	require.Contains(t, withoutScript, "|<img src=x onerror=alert(1)>|")
	page.WaitFor(shownTexts, withoutScript)
	for id, want := range map[string]string{"scenario": "claims <b>outage</b>", "seed": "9007199254740993", "faults": "on", "flight": "0", "log": "3 records"} {
		text := fmt.Sprintf("document.getElementById(%q).textContent", id)
		require.Equal(t, want, plain.Text(text))
		require.Equal(t, want, page.Text(text))
	}

	require.Equal(t, "503", sender.result(target.URL+"/hook", "wh_2"))
	page.WaitFor(`document.getElementById("attempts").rows.length`, "3")
	require.Contains(t, page.Text(`document.getElementById("attempts").rows[0].textContent`), "wh_21POST"+target.URL+"/hookrejected 503")
	require.Equal(t, "0", page.Text(`document.querySelectorAll("img, i, b").length`))
	require.Empty(t, browser.Said())
}

// The page's switches switch.
func TestLivePageSwitches(t *testing.T) {
	t.Parallel()
	proxy, target := livePage(t)
	sender := newSender(t, proxy)
	browser := harness.StartBrowser(t)
	page := browser.Open(proxy.Admin, true)

	page.Click("#rules tr:first-child button")
	page.WaitFor(`document.querySelector("#rules tr:first-child button").ariaChecked`, "false")
	require.Equal(t, "200", sender.result(target.URL+"/hook", "wh_1"), "the rule is left out")
	page.Click("#phases button:last-child")
	page.WaitFor(`document.querySelector("#phases button:last-child").ariaPressed`, "true")
	require.Equal(t, "500", sender.result(target.URL+"/hook", "wh_2"), "the phase is on")
	page.Click("#kill")
	page.WaitFor(`document.getElementById("faults").textContent`, "off: plain forwarding")
	require.Equal(t, "200", sender.result(target.URL+"/hook", "wh_3"), "no faults are injected")
	page.Click("#kill")
	page.WaitFor(`document.getElementById("faults").textContent`, "on")
	require.Equal(t, "500", sender.result(target.URL+"/hook", "wh_4"))
	require.Empty(t, browser.Said())
}

// Where a token is wanted, the page asks for it when something is to be changed, asks again when it is another, and then remembers it.
func TestLivePageAsksForTheToken(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("right\n"), 0o600))
	proxy, _ := livePage(t, "--admin-token-file", file)
	browser := harness.StartBrowser(t)
	page := browser.Open(proxy.Admin, true)
	give := func(token string) {
		page.Text(fmt.Sprintf(`document.getElementById("token").value = %q`, token))
		page.Click(`#asking button[value=yes]`)
	}

	page.Click("#kill")
	page.WaitFor(`document.getElementById("asking").open && document.getElementById("why").textContent`,
		"Who changes something here must know the token of --admin-token-file.")
	give("wrong")
	page.WaitFor(`document.getElementById("asking").open && document.getElementById("why").textContent`, "That is not the token of --admin-token-file.")
	require.Equal(t, "on", page.Text(`document.getElementById("faults").textContent`))
	give("right")
	page.WaitFor(`document.getElementById("faults").textContent`, "off: plain forwarding")
	page.Click("#kill")
	page.WaitFor(`document.getElementById("faults").textContent`, "on")
	require.Empty(t, page.Text(`document.getElementById("token").value`))
	for _, said := range browser.Said() {
		require.Contains(t, said, "status of 401", "the browser notes the two refusals")
	}
}
