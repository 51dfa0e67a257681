package proxy

// Gateway is a listener that stands for one target: the sender calls it as if it were the target.
type Gateway struct {
	Scheme    string // http or https
	Authority string // host, and port unless it is the scheme's own
	Path      string // put before each request's path; no slash at its end
}
