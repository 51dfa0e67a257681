package trial

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Sender is what is known of the command that was to send.
type Sender struct {
	Ended bool
	Code  int // its exit code, once it has ended
	// Hidden are NO_PROXY's entries that stayed, and hide hosts from the proxy.
	Hidden []string
}

// WhyNothing says why no delivery was seen, the likeliest cause first, each with its mend.
func (t *Tally) WhyNothing(s Sender) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var why []string
	for _, host := range slices.Sorted(maps.Keys(t.broken)) {
		why = append(why, fmt.Sprintf("%s: the connection was broken off before there was a request: the command may not trust faultline's CA, which requests, httpx, curl and Go take from the variables that it is given", host))
	}
	why = append(why, t.told()...)
	for _, host := range slices.Sorted(maps.Keys(t.unseen)) {
		why = append(why, fmt.Sprintf("%s was only tunnelled, so that nothing was seen of it: add --intercept %s", host, strings.TrimSuffix(host, ":443")))
	}
	if t.other > 0 {
		why = append(why, fmt.Sprintf("%d requests came that are no webhooks by [delivery] match", t.other))
	}
	if len(why) > 0 {
		return why
	}
	if s.Ended && s.Code != 0 {
		why = append(why, fmt.Sprintf("the command ended with exit code %d", s.Code))
	}
	if len(s.Hidden) > 0 {
		why = append(why, "NO_PROXY hides "+strings.Join(s.Hidden, ", ")+" from the proxy")
	}
	return append(why, "nothing came to the proxy: the command did not send, or its HTTP client does not read HTTP_PROXY and HTTPS_PROXY (aiohttp needs trust_env=True; Go leaves localhost out)")
}
