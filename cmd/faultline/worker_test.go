package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWorkerEnvironment(t *testing.T) {
	tests := []struct {
		name    string
		environ []string
		hosts   []string
		noProxy string // without what is always added
		said    []string
	}{
		{name: "nothing set", hosts: []string{"hooks.test"}},
		{name: "what hides nothing stays", environ: []string{"NO_PROXY=redis.test,.internal"}, hosts: []string{"hooks.test"}, noProxy: "redis.test,.internal,"},
		{name: "what is always added, as by faultline env, is not there twice", environ: []string{"NO_PROXY=" + linkLocal}},
		{
			name: "the host itself", environ: []string{"no_proxy=a.test,hooks.test"}, hosts: []string{"hooks.test:8080"}, noProxy: "a.test,",
			said: []string{"NO_PROXY=a.test," + linkLocal + "   (hooks.test taken out: it would hide webhooks from faultline)"},
		},
		{
			name: "a parent domain", environ: []string{"NO_PROXY=.partner.test"}, hosts: []string{"hooks.partner.test"},
			said: []string{"NO_PROXY=" + linkLocal + "   (.partner.test taken out: it would hide webhooks from faultline)"},
		},
		{
			name: "one of the hosts that a glob stands for", environ: []string{"NO_PROXY=eu.partner.test"}, hosts: []string{"*.partner.test"},
			said: []string{"NO_PROXY=" + linkLocal + "   (eu.partner.test taken out: it would hide webhooks from faultline)"},
		},
		{
			name: "a network", environ: []string{"NO_PROXY=10.0.0.0/8,11.0.0.0/8"}, hosts: []string{"10.1.2.3:8080"}, noProxy: "11.0.0.0/8,",
			said: []string{"NO_PROXY=11.0.0.0/8," + linkLocal + "   (10.0.0.0/8 taken out: it would hide webhooks from faultline)"},
		},
		{
			name: "a host with a port", environ: []string{"NO_PROXY=hooks.test:80"}, hosts: []string{"hooks.test"},
			said: []string{"NO_PROXY=" + linkLocal + "   (hooks.test:80 taken out: it would hide webhooks from faultline)"},
		},
		{name: "both spellings", environ: []string{"no_proxy=a.test,b.test", "NO_PROXY=b.test,c.test"}, hosts: []string{"hooks.test"}, noProxy: "a.test,b.test,c.test,"},
		{
			name: "everything", environ: []string{"NO_PROXY=*"}, said: []string{"NO_PROXY=" + linkLocal + "   (* taken out: it would hide webhooks from faultline)"},
		},
		{
			name: "no host is named", environ: []string{"NO_PROXY=a.test"}, noProxy: "a.test,",
			said: []string{"NO_PROXY hides a.test from faultline; name the webhooks' hosts in [delivery] match.host and what hides them is taken out"},
		},
		{
			name: "any host is as good as none", environ: []string{"NO_PROXY=a.test"}, hosts: []string{"*"}, noProxy: "a.test,",
			said: []string{"NO_PROXY hides a.test from faultline; name the webhooks' hosts in [delivery] match.host and what hides them is taken out"},
		},
		{
			name: "a CGI variable", environ: []string{"REQUEST_METHOD=GET"},
			said: []string{"REQUEST_METHOD is taken out of the worker's environment: with it clients ignore HTTP_PROXY"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env, said := workerEnvironment(append(tt.environ, "KEPT=1", "http_proxy=http://other:1"), "127.0.0.1:3128", tt.hosts)
			require.Equal(t, []string{
				"KEPT=1",
				"HTTP_PROXY=http://127.0.0.1:3128", "http_proxy=http://127.0.0.1:3128", "HTTPS_PROXY=http://127.0.0.1:3128", "https_proxy=http://127.0.0.1:3128",
				"NO_PROXY=" + tt.noProxy + linkLocal, "no_proxy=" + tt.noProxy + linkLocal,
			}, env)
			require.Equal(t, tt.said, said)
		})
	}
}

func TestTrustBundle(t *testing.T) {
	const bundle = "/config/faultline/bundle.pem"
	ours := []string{"REQUESTS_CA_BUNDLE=" + bundle, "SSL_CERT_FILE=" + bundle, "CURL_CA_BUNDLE=" + bundle}
	tests := []struct {
		name   string
		env    []string
		bundle string
		want   []string
		said   []string
	}{
		{name: "no interception", env: []string{"KEPT=1", "SSL_CERT_FILE=/corp.pem"}, want: []string{"KEPT=1", "SSL_CERT_FILE=/corp.pem"}},
		{name: "nothing set", env: []string{"KEPT=1"}, bundle: bundle, want: append([]string{"KEPT=1"}, ours...)},
		{name: "set already, as by faultline env", env: ours, bundle: bundle, want: ours},
		{name: "set to nothing", env: []string{"SSL_CERT_FILE="}, bundle: bundle, want: ours},
		{
			name: "set to another file", env: []string{"CURL_CA_BUNDLE=/corp.pem", "KEPT=a=b"}, bundle: bundle, want: append([]string{"KEPT=a=b"}, ours...),
			said: []string{"CURL_CA_BUNDLE=" + bundle + "   (in place of /corp.pem: faultline's CA and the system's roots)"},
		},
		{
			name: "roots that are added to others stay", env: []string{"NODE_EXTRA_CA_CERTS=/corp.pem", "SSL_CERT_DIR=/corp"}, bundle: bundle,
			want: append([]string{"NODE_EXTRA_CA_CERTS=/corp.pem", "SSL_CERT_DIR=/corp"}, ours...),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env, said := trustBundle(tt.env, tt.bundle)
			require.Equal(t, tt.want, env)
			require.Equal(t, tt.said, said)
		})
	}
}
