package ca

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// opener names the folder that a process of this test opens, says what it found, and ends.
const opener = "FAULTLINE_TEST_CA_OPENER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(opener); dir != "" {
		a, err := Open(dir, time.Now)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(a.Origin(), a.Fingerprint())
		return
	}
	goleak.VerifyTestMain(m)
}
