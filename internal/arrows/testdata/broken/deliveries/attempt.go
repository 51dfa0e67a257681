package deliveries

import (
	_ "net/http/httptest"
	_ "os"
	_ "time"
)

type Attempt struct{}
