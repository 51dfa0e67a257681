// Package har shows attempts of a log as an HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), which browsers' network panels and many
// other tools open.
//
// Promise: nothing in it is made up. What a log does not have is left out where the format allows that, and else what the format says for unknown: -1, or
// empty. Values that the log has redacted have a comment that says so. What the format has no place for stands in _faultline.
//
//	text, err := har.Of(attempts, "0.1")
package har
