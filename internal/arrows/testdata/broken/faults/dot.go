package faults

import . "time"

func early() Time { return Now() }
