package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Pytest runs the tests of a folder with Debian's pytest, which finds faultline at binary, and returns what it wrote.
func Pytest(t testing.TB, binary, folder string) (string, error) {
	t.Helper()
	cmd := exec.Command(python, "-m", "pytest", "-p", "no:cacheprovider", "--basetemp", filepath.Join(t.TempDir(), "pytest"), folder)
	cmd.Env = append(os.Environ(), "FAULTLINE_BINARY="+binary, "PYTHONDONTWRITEBYTECODE=1", "GORACE=atexit_sleep_ms=100")
	text, err := cmd.CombinedOutput()
	return string(text), err
}
