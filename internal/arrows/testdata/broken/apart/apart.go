package apart

import _ "github.com/elazarl/goproxy"
