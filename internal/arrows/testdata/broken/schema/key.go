package schema

import "os"

type Key struct{}

var _ = os.Getenv
