package harness

import "fmt"

// Page is a tab of a Browser.
type Page struct {
	b       *Browser
	session string
}

// Open opens a page, its script running or not. It may not be loaded yet.
func (b *Browser) Open(url string, script bool) Page {
	b.t.Helper()
	var target struct{ TargetID string }
	b.do("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.do("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	p := Page{b, attached.SessionID}
	for _, domain := range []string{"Page", "Log", "Runtime", "Network"} {
		p.do(domain+".enable", nil, nil)
	}
	p.do("Emulation.setScriptExecutionDisabled", map[string]any{"value": !script}, nil)
	p.do("Page.navigate", map[string]any{"url": url}, nil)
	return p
}

func (p Page) do(method string, params, into any) {
	p.b.t.Helper()
	p.b.do(p.session, method, params, into)
}

// Text is what an expression of JavaScript comes to, as text; "" for nothing, and while the page is not there.
func (p Page) Text(expression string) string {
	p.b.t.Helper()
	var got struct {
		Result struct{ Value any }
	}
	p.do("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &got)
	if got.Result.Value == nil {
		return ""
	}
	return fmt.Sprint(got.Result.Value)
}

// Show lays the page out anew, for a screen of that width and for somebody who prefers the scheme: light or dark.
func (p Page) Show(width int, scheme string) {
	p.b.t.Helper()
	p.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
	p.do("Emulation.setEmulatedMedia", map[string]any{"media": "screen", "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Print lays the page out for paper.
func (p Page) Print() {
	p.b.t.Helper()
	p.do("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
}

// WaitFor waits until an expression comes to a text.
func (p Page) WaitFor(expression, want string) {
	p.b.t.Helper()
	var got string
	defer func() {
		if got != want {
			p.b.t.Logf("%s is %q", expression, got)
		}
	}()
	Until(p.b.t, fmt.Sprintf("%s to be %q", expression, want), Patience, func() bool {
		got = p.Text(expression)
		return got == want
	})
}

// Click clicks what a selector finds, once it can be seen.
func (p Page) Click(selector string) {
	p.b.t.Helper()
	p.WaitFor(fmt.Sprintf("{const found = document.querySelector(%q); const seen = !!found?.checkVisibility(); if (seen) found.click(); seen}", selector), "true")
}
