package deliveries

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(appenderDir); dir != "" {
		appendForEver(dir)
		return
	}
	goleak.VerifyTestMain(m)
}
