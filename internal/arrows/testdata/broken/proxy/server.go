package proxy

import (
	_ "github.com/elazarl/goproxy/transport"
	_ "github.com/elazarl/goproxyother"
	_ "github.com/prometheus/client_golang/prometheus"

	_ "github.com/faultline/faultline/console"
	_ "github.com/faultline/faultline/scenario"
)
