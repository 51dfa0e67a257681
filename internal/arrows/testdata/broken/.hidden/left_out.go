package leftout

import _ "github.com/faultline/faultline/console"
