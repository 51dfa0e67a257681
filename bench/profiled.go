//go:build profiled

package main

import (
	"fmt"
	"os"
	"runtime/pprof"
)

// This file is no part of the benchmarks: `bench -profile` builds faultline with it, and with a main that ends by endProfile in place of os.Exit.

func init() {
	name := os.Getenv("BENCH_PROFILE")
	if name == "" {
		return
	}
	file, err := os.Create(name)
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "profile to %q: %v\n", name, err)
		os.Exit(1)
	}
}

// endProfile ends the process when its profile has been written.
func endProfile(code int) {
	pprof.StopCPUProfile()
	os.Exit(code)
}
