package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// The fixture for pytest does what its page says, to real senders. A race that the proxy saw makes its exit code, and with it the test, fail.
func TestPytestPlugin(t *testing.T) {
	t.Parallel()
	text, err := harness.Pytest(t, binaries.Race, "../integrations/pytest/tests")
	require.NoError(t, err, text)
	t.Log(text)
}
