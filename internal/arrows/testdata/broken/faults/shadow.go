package faults

import "time"

type watch struct{}

func (watch) Now() time.Time { return time.Time{} }

func shadow(time watch) any { return time.Now() }
