package console

import (
	_ "github.com/prometheus/client_golang/prometheus/promhttp"

	_ "github.com/faultline/faultline/proxy"
)
