package main

import (
	"errors"
	"fmt"
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
}

// startWorker starts argv with its proxy variables pointing at address. It gets a process group of its own, so that an interrupt at the terminal
// reaches it once, from us, and not twice: Celery takes the second one for a cold shutdown.
func startWorker(argv, env []string, w world) (*worker, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = w.stdin, w.stdout, w.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, usage("start %q: %w", argv[0], err)
	}
	k := &worker{cmd: cmd, ended: make(chan struct{})}
	go func() {
		defer close(k.ended)
		k.err = cmd.Wait()
	}()
	return k, nil
}

// signal passes a signal on. One that comes too late is of no use to anybody.
func (k *worker) signal(s os.Signal) {
	if sig, ok := s.(syscall.Signal); ok {
		_ = syscall.Kill(-k.cmd.Process.Pid, sig)
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

// noProxy is the value that clients read: the small spelling first, as most of them do.
func noProxy(environ []string) string {
	w := world{environ: environ}
	if value, ok := w.lookup("no_proxy"); ok {
		return value
	}
	value, _ := w.lookup("NO_PROXY")
	return value
}

func splitNoProxy(value string, hosts []string) (kept, hiding []string) {
	for entry := range strings.SplitSeq(value, ",") {
		entry = strings.TrimSpace(entry)
		switch {
		case entry == "" || slices.Contains(strings.Split(linkLocal, ","), entry): // the latter are added anyway
		case hides(entry, hosts):
			hiding = append(hiding, entry)
		default:
			kept = append(kept, entry)
		}
	}
	return kept, hiding
}

// hides reports whether a NO_PROXY entry covers a host, or a host that one of the globs stands for.
func hides(entry string, hosts []string) bool {
	if entry == "*" {
		return true
	}
	domain := strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(entry, "*"), "."))
	for _, glob := range hosts {
		host, _, _ := strings.Cut(strings.ToLower(glob), ":")
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
		// A glob like *.partner.test is hidden by a host under it.
		if matched, err := path.Match(host, domain); err == nil && matched {
			return true
		}
	}
	return false
}
