package receiver

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The published examples: Standard Webhooks' (standard-webhooks/spec), GitHub's (docs.github.com, "Validating webhook deliveries").
const (
	standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	standardBody   = `{"test": 2432232314}`
	standardMAC    = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	githubSecret   = "It's a Secret to Everybody"
	githubMAC      = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
)

// signedByOpenSSL is the HMAC that openssl makes.
func signedByOpenSSL(t *testing.T, secret, text string) string {
	t.Helper()
	cmd := exec.Command("openssl", "dgst", "-sha256", "-hmac", secret, "-hex")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	require.NoError(t, err)
	_, mac, _ := strings.Cut(strings.TrimSpace(string(out)), "= ")
	return mac
}

func TestSignatures(t *testing.T) {
	now := time.Unix(1614265330, 0)
	standard := func(signature string) http.Header {
		h := http.Header{}
		h.Set("Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
		h.Set("Webhook-Timestamp", "1614265330")
		h.Set("Webhook-Signature", signature)
		return h
	}
	without := func(h http.Header, name string) http.Header { h.Del(name); return h }
	one := func(name, value string) http.Header { h := http.Header{}; h.Set(name, value); return h }
	stripeMAC := signedByOpenSSL(t, "sk_1", "1614265330.{}")
	const wrong = "the signature is not that of this body and secret"
	tests := []struct {
		name    string
		secrets []string
		header  http.Header
		body    string
		now     time.Time
		want    *Signature
	}{
		{"no secret is known", nil, standard(standardMAC), standardBody, now, nil},
		{"standard", []string{standardSecret}, standard(standardMAC), standardBody, now, &Signature{standardWebhooks, true, ""}},
		{"the second secret", []string{"whsec_AAAA", standardSecret}, standard(standardMAC), standardBody, now, &Signature{standardWebhooks, true, ""}},
		{"the second signature", []string{standardSecret}, standard("v1,AAAA v1a,x " + standardMAC), standardBody, now, &Signature{standardWebhooks, true, ""}},
		{"another body", []string{standardSecret}, standard(standardMAC), standardBody + " ", now, &Signature{standardWebhooks, false, wrong}},
		{"another secret", []string{"whsec_AAAA"}, standard(standardMAC), standardBody, now, &Signature{standardWebhooks, false, wrong}},
		{"no id", []string{standardSecret}, without(standard(standardMAC), "Webhook-Id"), standardBody, now, &Signature{standardWebhooks, false, "no Webhook-Id, which is signed; " + wrong}},
		{"sent again an hour later", []string{standardSecret}, standard(standardMAC), standardBody, now.Add(time.Hour), &Signature{standardWebhooks, false, "signed 1h0m0s ago, which is over 5m0s"}},
		{"from the future", []string{standardSecret}, standard(standardMAC), standardBody, now.Add(-time.Hour), &Signature{standardWebhooks, false, "signed 1h0m0s ahead of time"}},
		{"another version", []string{standardSecret}, standard("v2,x"), standardBody, now, &Signature{standardWebhooks, false, "no signature in a form that is known"}},
		{"github", []string{githubSecret}, one("X-Hub-Signature-256", githubMAC), "Hello, World!", now, &Signature{github, true, ""}},
		{"github, another body", []string{githubSecret}, one("X-Hub-Signature-256", githubMAC), "Hello, World", now, &Signature{github, false, wrong}},
		{"github, cut", []string{githubSecret}, one("X-Hub-Signature-256", githubMAC[:21]), "Hello, World!", now, &Signature{github, false, wrong}},
		{"github, SHA-1", []string{githubSecret}, one("X-Hub-Signature-256", "sha1=00"), "Hello, World!", now, &Signature{github, false, "no signature in a form that is known"}},
		{"stripe", []string{"sk_1"}, one("Stripe-Signature", "t=1614265330,v1="+stripeMAC+",v0=00"), "{}", now, &Signature{stripe, true, ""}},
		{"stripe, another time", []string{"sk_1"}, one("Stripe-Signature", "t=1614265331,v1="+stripeMAC), "{}", now, &Signature{stripe, false, wrong}},
		{"stripe, no time", []string{"sk_1"}, one("Stripe-Signature", "v1="+stripeMAC), "{}", now, &Signature{stripe, false, `t in Stripe-Signature is no time in seconds: ""; ` + wrong}},
		{"none", []string{"sk_1"}, http.Header{}, "{}", now, &Signature{"", false, "no signature: none of Webhook-Signature, X-Hub-Signature-256, Stripe-Signature"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := verifies(tt.secrets, tt.header, tt.now)
			if s != nil {
				for _, b := range []byte(tt.body) {
					_, _ = s.Write([]byte{b})
				}
			}
			require.Equal(t, tt.want, s.result())
		})
	}
}

// TestBadSignaturesAreReported: the answer stays what it is; file and status say it.
func TestBadSignaturesAreReported(t *testing.T) {
	e, dir := keeping(t, Config{Secrets: []string{githubSecret}}, 0)
	r := httptest.NewRequest("POST", "/", strings.NewReader("Hello"))
	r.Header.Set("X-Hub-Signature-256", githubMAC)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	require.Equal(t, 200, w.Code)
	k, _ := only(t, dir)
	require.Equal(t, &Signature{github, false, "the signature is not that of this body and secret"}, k.Signature)
	require.Equal(t, 1, e.Status().Unsigned)
	text, err := json.Marshal(e.Status())
	require.NoError(t, err)
	require.NotContains(t, string(text), "Secret to Everybody")
}
