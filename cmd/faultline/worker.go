package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"syscall"
)

// worker is the COMMAND after `--`: the sender, with every variable set that brings its traffic here.
type worker struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error
	// sharesTerminal: it stands in our process group, as only the terminal's foreground group may read from it. An interrupt typed there reaches both.
	sharesTerminal bool
}

// startWorker starts argv with env. Without a terminal to read from it gets a process group of its own, so that a signal reaches all of it, and once:
// Celery takes a second interrupt for a cold shutdown.
func startWorker(argv, env []string, w world) (*worker, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = w.stdin, w.stdout, w.stderr
	stdin, isFile := w.stdin.(*os.File)
	shares := isFile && isTerminal(stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !shares}
	if err := cmd.Start(); err != nil {
		return nil, usage("start %q: %w", argv[0], err)
	}
	k := &worker{cmd: cmd, ended: make(chan struct{}), sharesTerminal: shares}
	go func() {
		defer close(k.ended)
		k.err = cmd.Wait()
	}()
	return k, nil
}

// signal passes a signal on, but for an interrupt that the terminal has sent to both. One that comes too late is of no use to anybody.
func (k *worker) signal(s os.Signal) {
	sig, ok := s.(syscall.Signal)
	switch {
	case !ok:
	case !k.sharesTerminal:
		_ = syscall.Kill(-k.cmd.Process.Pid, sig)
	case sig != syscall.SIGINT:
		_ = syscall.Kill(k.cmd.Process.Pid, sig)
	}
}

// result is the error of an ended worker, with the exit code that a shell would give it.
func (k *worker) result() error {
	var failed *exec.ExitError
	if !errors.As(k.err, &failed) {
		return k.err
	}
	code := failed.ExitCode()
	if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return exit{code, fmt.Errorf("%s: %w", path.Base(k.cmd.Path), failed)}
}

// proxyVariables are those that clients read, in both spellings: curl takes http_proxy in small letters only.
var proxyVariables = [...]string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"}

// caVariables are those that name the roots that a client trusts in place of its own: requests reads the first, httpx, aiohttp, urllib, Go and curl
// the second, curl the third too.
var caVariables = [...]string{"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"}

// extraCA names roots that Node adds to its own.
const extraCA = "NODE_EXTRA_CA_CERTS"

// linkLocal stays out of the proxy: it refuses such targets, and cloud libraries ask them for credentials.
const linkLocal = "169.254.169.254,169.254.0.0/16"

// workerEnvironment is environ with the proxy variables set. Out of NO_PROXY it takes what hides one of hosts (globs of webhook hosts);
// said has a line for each change that the operator should know of.
func workerEnvironment(environ []string, address string, hosts []string) (env, said []string) {
	hosts = slices.DeleteFunc(slices.Clone(hosts), func(glob string) bool { return glob == "*" }) // names nobody
	kept, hiding := splitNoProxy(noProxy(environ), hosts)
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		switch strings.ToUpper(name) {
		case "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY":
		case "REQUEST_METHOD": // with it, clients take HTTP_PROXY for a CGI header and ignore it
			said = append(said, "REQUEST_METHOD is taken out of the worker's environment: with it clients ignore HTTP_PROXY")
		default:
			env = append(env, variable)
		}
	}
	for _, name := range proxyVariables {
		env = append(env, name+"=http://"+address)
	}
	value := strings.Join(append(kept, linkLocal), ",")
	env = append(env, "NO_PROXY="+value, "no_proxy="+value)
	if len(hiding) > 0 {
		said = append(said, fmt.Sprintf("NO_PROXY=%s   (%s taken out: it would hide webhooks from faultline)", value, strings.Join(hiding, ", ")))
	}
	if len(hosts) == 0 && len(kept) > 0 {
		said = append(said, fmt.Sprintf("NO_PROXY hides %s from faultline; name the webhooks' hosts in [delivery] match.host and what hides them is taken out",
			strings.Join(kept, ", ")))
	}
	return env, said
}

// trustBundle is env with bundle, the file of the roots that a worker is to trust, in each of the CA variables; "" leaves env as it is. said names
// the files that are read no longer: what a root in one of them vouched for, and bundle does not, the worker now refuses.
func trustBundle(env []string, bundle string) (trusted, said []string) {
	if bundle == "" {
		return env, nil
	}
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if !slices.Contains(caVariables[:], name) {
			trusted = append(trusted, variable)
		} else if value != "" && value != bundle {
			said = append(said, fmt.Sprintf("%s=%s   (in place of %s: faultline's CA and the system's roots)", name, bundle, value))
		}
	}
	for _, name := range caVariables {
		trusted = append(trusted, name+"="+bundle)
	}
	return trusted, said
}

// noProxy is what either spelling names: some clients read the one, some the other.
func noProxy(environ []string) string {
	w := world{environ: environ}
	small, _ := w.lookup("no_proxy")
	capital, _ := w.lookup("NO_PROXY")
	return small + "," + capital
}

func splitNoProxy(value string, hosts []string) (kept, hiding []string) {
	for entry := range strings.SplitSeq(value, ",") {
		entry = strings.TrimSpace(entry)
		switch {
		case slices.Contains(kept, entry) || slices.Contains(hiding, entry): // in both spellings
		case entry == "" || slices.Contains(strings.Split(linkLocal, ","), entry): // the latter are added anyway
		case hides(entry, hosts):
			hiding = append(hiding, entry)
		default:
			kept = append(kept, entry)
		}
	}
	return kept, hiding
}

// hides reports whether a NO_PROXY entry (a host, a domain, an address, a CIDR; perhaps with a port) covers a host, or a host that one of the globs
// stands for.
func hides(entry string, hosts []string) bool {
	if entry == "*" {
		return true
	}
	if prefix, err := netip.ParsePrefix(entry); err == nil {
		return slices.ContainsFunc(hosts, func(glob string) bool {
			addr, err := netip.ParseAddr(hostOf(glob))
			return err == nil && prefix.Contains(addr)
		})
	}
	domain := strings.TrimPrefix(strings.TrimPrefix(hostOf(entry), "*"), ".")
	return slices.ContainsFunc(hosts, func(glob string) bool {
		host := hostOf(glob)
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
		// A glob like *.partner.test is hidden by a host under it.
		matched, err := path.Match(host, domain)
		return err == nil && matched
	})
}

// hostOf is a host in lower case, without port and brackets.
func hostOf(text string) string {
	text = strings.ToLower(text)
	if host, _, err := net.SplitHostPort(text); err == nil {
		return host
	}
	return strings.Trim(text, "[]")
}
