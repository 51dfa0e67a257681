package main

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// proxyFor is the proxy on the way to a target; nil: none.
func proxyFor(w world, target, given string) (*url.URL, error) {
	to, err := url.Parse(target)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, usage("%q: want a URL such as http://127.0.0.1:9001/hook", target)
	}
	from, value := "--proxy", given
	if given == "" {
		from, value = proxyVariable(w, to)
	}
	if value == "" || value == "none" {
		return nil, nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	return parseProxy(from, value)
}

// parseProxy reads a proxy's URL, which a flag or a variable has given.
func parseProxy(from, value string) (*url.URL, error) {
	proxy, err := url.Parse(value)
	if err != nil || proxy.Host == "" || proxy.Scheme != "http" && proxy.Scheme != "https" {
		return nil, usage("%s: want http://HOST:PORT", from) // it may have a password
	}
	return proxy, nil
}

// proxyVariable is the proxy that the environment names for a target, and by which variable; the small spelling goes first, as with curl and requests.
func proxyVariable(w world, to *url.URL) (name, value string) {
	for entry := range strings.SplitSeq(noProxy(w.environ), ",") {
		if entry = strings.TrimSpace(entry); entry != "" && hides(entry, []string{strings.ToLower(to.Host)}) {
			return "", ""
		}
	}
	name = to.Scheme + "_proxy"
	small, _ := w.lookup(name)
	large, _ := w.lookup(strings.ToUpper(name))
	return strings.ToUpper(name), cmp.Or(small, large)
}

// parseHeader reads the values of --header.
func parseHeader(lines []string) (http.Header, error) {
	h := make(http.Header)
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, usage("--header: got %q before the first colon, want 'Name: value'", name) // the value may be a secret
		}
		h.Add(name, strings.TrimSpace(value))
	}
	return h, nil
}
