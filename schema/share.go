package schema

import (
	"math/big"
	"strconv"
	"strings"
)

// wantShare is what a share looks like, for people.
const wantShare = `a share from 0 to 1 such as 0.1, or "10%"`

// ParseShare reads "10%" as 0.1: decimals from 0 to 100 with a percent sign.
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	if !percent || !decimal(number) || len(text) > maxScalar {
		return 0, errNotA("share", text)
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok || r.Cmp(big.NewRat(100, 1)) > 0 {
		return 0, errNotA("share", text)
	}
	share, _ := r.Quo(r, big.NewRat(100, 1)).Float64() // the nearest one is good enough
	return share, nil
}

// FormatShare is a text that ParseShare reads as share.
func FormatShare(share float64) string { return strconv.FormatFloat(share*100, 'f', -1, 64) + "%" }
