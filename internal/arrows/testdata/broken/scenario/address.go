package scenario

import (
	"net"
	"net/netip"
	"net/url"

	"github.com/faultline/faultline/deliveries"
	"github.com/tidwall/gjson"
)

var (
	_ = net.Dial
	_ = netip.ParseAddr
	_ = url.Parse
	_ = gjson.Get
	_ = deliveries.Attempt{}
)
