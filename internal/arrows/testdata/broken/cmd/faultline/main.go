package main

import (
	_ "github.com/BurntSushi/toml"
	_ "github.com/elazarl/goproxy"
	_ "github.com/spf13/cobra"

	_ "github.com/faultline/faultline/internal/wiretest"
	_ "github.com/faultline/faultline/proxy"
	_ "github.com/faultline/faultline/surprise"
)
