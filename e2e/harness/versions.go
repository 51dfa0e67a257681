package harness

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// Versions are the clients' own, as they tell them; Go's without the last number, which changes nothing that a client shows.
func Versions(t testing.TB) map[Client]string {
	t.Helper()
	const ask = `import aiohttp, httpx, platform, requests, urllib3
print(f"{requests.__version__} (urllib3 {urllib3.__version__})|{httpx.__version__}|{aiohttp.__version__}|of Python {platform.python_version()}")`
	told := strings.Split(printedBy(t, python, "-c", ask), "|")
	curl := strings.Fields(printedBy(t, "curl", "--version"))
	version := strings.TrimPrefix(runtime.Version(), "go")
	if parts := strings.Split(version, "."); len(parts) > 2 {
		version = strings.Join(parts[:2], ".")
	}
	if len(told) != 4 || len(curl) < 2 {
		t.Fatalf("reading the versions of clients: %q, %q", told, curl)
	}
	return map[Client]string{Requests: told[0], HTTPX: told[1], AIOHTTP: told[2], URLLib: told[3], Curl: curl[1], Go: version}
}

func printedBy(t testing.TB, command string, args ...string) string {
	t.Helper()
	text, err := exec.Command(command, args...).Output()
	if err != nil {
		t.Fatalf("running %s: %v", command, err)
	}
	return strings.TrimSpace(string(text))
}
