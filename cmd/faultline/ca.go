package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/ca"
)

func caCommand(w world) *cobra.Command {
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Make or show the certificate authority that intercepted connections are answered with",
		Long: `ca makes the certificate authority of this installation when there is none, renews it when it has a day left, and shows it. Its key never leaves
the folder; whoever trusts its certificate trusts whoever can read that key.`,
		Example: "  faultline ca\n  faultline ca --ca-dir ./ca --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			authority, err := openCA(w, dir, caDirOption)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(w.stdout).Encode(shownCA(authority))
			}
			return showCA(w, authority, dir)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	caDirFlag(cmd, &dir)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// caDirOption is what names the folder of the CA to the commands that have caDirFlag.
const caDirOption = "--ca-dir"

func caDirFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "ca-dir", "", "folder of the CA (default: faultline in the user's config folder)")
}

// openCA opens, or makes, the CA of a folder; "" is faultline in the user's config folder. option is what names another.
func openCA(w world, dir, option string) (*ca.Authority, error) {
	dir, err := caFolder(w, dir, option)
	if err != nil {
		return nil, err
	}
	authority, err := ca.Open(dir, time.Now)
	if err != nil {
		return nil, usage("%w", err)
	}
	return authority, nil
}

// caFolder is where the CA is: in dir, or where that is not given in the user's own place for settings.
func caFolder(w world, dir, option string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	config, err := configFolder(w, option)
	return filepath.Join(config, "faultline"), err
}

// configFolder is os.UserConfigDir by the variables of w.
func configFolder(w world, option string) (string, error) {
	if xdg, ok := w.lookup("XDG_CONFIG_HOME"); ok && xdg != "" && runtime.GOOS != "darwin" {
		if !filepath.IsAbs(xdg) {
			return "", usage("XDG_CONFIG_HOME=%q is relative; %s names a folder for the CA", xdg, option)
		}
		return xdg, nil
	}
	home, ok := w.lookup("HOME")
	switch {
	case !ok || home == "":
		return "", usage("HOME is not set, so there is no config folder; %s names a folder for the CA", option)
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".config"), nil
}

// caJSON is what --json prints.
type caJSON struct {
	Origin      ca.Origin `json:"origin"` // "loaded", "made" or "renewed" by this command
	CA          string    `json:"ca"`
	Bundle      string    `json:"bundle"`
	SHA256      string    `json:"sha256"`
	ValidUntil  time.Time `json:"valid_until"`
	SystemRoots string    `json:"system_roots"` // the file whose roots are in the bundle, "" for none
}

func shownCA(a *ca.Authority) caJSON {
	return caJSON{a.Origin(), a.Paths().CA, a.Paths().Bundle, a.Fingerprint(), a.ValidUntil(), a.SystemRoots()}
}

// trusting says which variable makes a client trust the CA.
var trusting = [...]struct{ client, variable string }{
	{"requests", "REQUESTS_CA_BUNDLE"},
	{"httpx", "SSL_CERT_FILE"},
	{"curl", "CURL_CA_BUNDLE"},
	{"Node", extraCA},
	{"Go", "SSL_CERT_FILE"},
}

// javaImport adds the certificate in %s to a copy of Java's own roots; changeit is the password that they come with.
const javaImport = `cp -L "$JAVA_HOME/lib/security/cacerts" faultline.jks && ` +
	`keytool -importcert -noprompt -alias faultline -file %s -keystore faultline.jks -storepass changeit`

// showCA is for people; dir is the folder if it was named.
func showCA(w world, a *ca.Authority, dir string) error {
	env := "faultline env"
	if dir != "" {
		env += " --ca-dir " + quoted(dir)
	}
	text := originText(a) + "\n" +
		fmt.Sprintf("  certificate  %s\n", a.Paths().CA) +
		fmt.Sprintf("  bundle       %s   (%s)\n", a.Paths().Bundle, bundleText(a)) +
		fmt.Sprintf("  sha256       %s\n", a.Fingerprint()) +
		fmt.Sprintf("  valid until  %s\n", a.ValidUntil().Format(time.RFC3339)) +
		fmt.Sprintf("trust it in a shell, for all but Java:  eval \"$(%s)\"; or one by one:\n", env)
	for _, t := range trusting {
		file := a.Paths().Bundle
		if t.variable == extraCA {
			file = a.Paths().CA
		}
		text += fmt.Sprintf("  %-9s export %s=%s\n", t.client, t.variable, quoted(file))
	}
	text += fmt.Sprintf("  %-9s "+javaImport+"\n", "Java", quoted(a.Paths().CA))
	_, err := fmt.Fprint(w.stdout, text)
	return err
}

// originText says what has become of the CA.
func originText(a *ca.Authority) string {
	switch a.Origin() {
	case ca.Loaded:
		return "the CA of this installation"
	case ca.Made:
		return "made a new CA"
	case ca.Renewed:
		return "renewed the CA: the old one had ended, or was about to; whoever trusts a copy of its certificate needs the new one"
	default:
		return fmt.Sprintf("the CA, %s", a.Origin())
	}
}

func bundleText(a *ca.Authority) string {
	if a.SystemRoots() == "" {
		return "the CA alone: no roots of the system were found, so its readers trust nobody else"
	}
	return "the CA, and the system's roots from " + a.SystemRoots()
}
