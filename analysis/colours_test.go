package analysis

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// colour is a linear RGB colour.
type colour [3]float64

// sights are how much of each colour is left to an eye: all, or what Machado, Oliveira and Fernandes give for one that lacks a kind of cone.
var sights = map[string][3]colour{
	"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// schemes are the colours of the page by name: for the screen, light and dark, and for paper.
func schemes(t *testing.T) map[string]map[string]colour {
	t.Helper()
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(pageStyle, -1)
	require.Len(t, blocks, 3)
	found := make(map[string]map[string]colour)
	for i, name := range []string{"light", "dark", "paper"} {
		found[name] = make(map[string]colour)
		for _, c := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6})\b`).FindAllStringSubmatch(blocks[i][1], -1) {
			found[name][c[1]] = linear(t, c[2])
		}
	}
	return found
}

func linear(t *testing.T, hex string) (c colour) {
	t.Helper()
	for i := range c {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		require.NoError(t, err)
		if v := float64(n) / 255; v <= 0.04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return c
}

// seenBy is the colour as an eye of that sight sees it.
func (c colour) seenBy(sight [3]colour) (seen colour) {
	for i, row := range sight {
		seen[i] = min(1, max(0, row[0]*c[0]+row[1]*c[1]+row[2]*c[2]))
	}
	return seen
}

func (c colour) luminance() float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is that of WCAG 2.
func contrast(a, b colour) float64 {
	light, dark := max(a.luminance(), b.luminance()), min(a.luminance(), b.luminance())
	return (light + 0.05) / (dark + 0.05)
}

// lab is the colour in CIE L*a*b*, where distances are about as people see them.
func (c colour) lab() [3]float64 {
	f := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(c.luminance())
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func apart(a, b colour) float64 {
	p, q := a.lab(), b.lab()
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// The outcomes' colours can be told from each other, whichever cones an eye has, and from what they stand on.
func TestOutcomesAreToldApart(t *testing.T) {
	for scheme, colours := range schemes(t) {
		all := outcomes()
		for i, o := range all {
			require.GreaterOrEqual(t, contrast(colours[string(o)], colours["ground"]), 3.0, "%s on the ground, %s", o, scheme)
			for _, other := range all[i+1:] {
				for name, sight := range sights {
					d := apart(colours[string(o)].seenBy(sight), colours[string(other)].seenBy(sight))
					require.Greater(t, d, 25.0, fmt.Sprintf("%s and %s, %s, %s", o, other, scheme, name))
				}
			}
		}
	}
}

// Text can be read on the ground and on panels.
func TestTextIsRead(t *testing.T) {
	for scheme, colours := range schemes(t) {
		for _, text := range strings.Fields("text dim pass fail unsure mark") {
			for _, ground := range []string{"ground", "panel"} {
				require.GreaterOrEqual(t, contrast(colours[text], colours[ground]), 4.5, "%s on %s, %s", text, ground, scheme)
			}
		}
	}
}
