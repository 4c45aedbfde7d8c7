package source

import (
	"os"
	"path/filepath"
	"runtime"
)

// RegistrySettings are what the settings of the wrapped binary say of
// registries in an environment.
type RegistrySettings struct{ config cliConfig }

// ReadRegistrySettings reads the files that the binary would read. What is
// missing or broken is left out: the binary complains of it.
func ReadRegistrySettings(env []string) RegistrySettings {
	return RegistrySettings{config: readCLIConfig(env)}
}

// Token is what a registry is to be shown, "" for nothing. It is a secret.
func (s RegistrySettings) Token(host string) string { return s.config.own(host) }

// Service is the URL that the settings give for a service of a host, such as
// providers.v1; "" where they give none.
func (s RegistrySettings) Service(host, name string) string { return s.config.services[host][name] }

// SettingsFiles are the files of settings that a binary reads in an
// environment, of those that are there. The tokens that `login` keeps are not
// among them: they are read in any case.
func SettingsFiles(env []string, tofu bool) []string {
	for _, name := range []string{"TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"} {
		if path := envValue(env, name); path != "" {
			return existing(path)
		}
	}
	var main, more []string
	if runtime.GOOS == "windows" {
		dir := envValue(env, "APPDATA")
		main = []string{filepath.Join(dir, "terraform.rc")}
		if tofu {
			main = append([]string{filepath.Join(dir, "tofu.rc")}, main...)
		}
		more, _ = filepath.Glob(filepath.Join(dir, "terraform.d", "*.tfrc"))
	} else {
		home := envValue(env, "HOME")
		main = []string{filepath.Join(home, ".terraformrc")}
		if tofu {
			main = append([]string{filepath.Join(home, ".tofurc")}, main...)
			if xdg := envValue(env, "XDG_CONFIG_HOME"); xdg != "" {
				main = append(main, filepath.Join(xdg, "opentofu", "tofurc"))
			}
		}
		more, _ = filepath.Glob(filepath.Join(home, ".terraform.d", "*.tfrc"))
	}
	main = existing(main...)
	return append(main[:min(1, len(main))], more...)
}

func existing(paths ...string) []string {
	var out []string
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
			out = append(out, p)
		}
	}
	return out
}
