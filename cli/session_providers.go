package cli

import (
	"os"
	"path/filepath"

	"github.com/terrace-iac/terrace/providercache"
	"github.com/terrace-iac/terrace/run"
)

// providerOptions say how units share providers.
type providerOptions struct {
	Cache      bool // by the cache server
	NoAuto     bool // not by the folder that OpenTofu can share
	Dir        string
	Hostname   string
	Port       int
	Token      string
	Registries []string
}

func newProviderOptions(v *values, cwd string) providerOptions {
	return providerOptions{
		Cache:      v.Bool("provider-cache"),
		NoAuto:     v.Bool("no-auto-provider-cache-dir"),
		Dir:        absoluteIfSet(cwd, v.String("provider-cache-dir")),
		Hostname:   v.String("provider-cache-hostname"),
		Port:       v.Int("provider-cache-port"),
		Token:      v.String("provider-cache-token"),
		Registries: v.List("provider-cache-registry-names"),
	}
}

// dir is the folder of shared providers: the one that Terragrunt has, so that
// what is there already is used. "" where there is no folder for caches.
func (o providerOptions) dir() string {
	if o.Dir != "" {
		return o.Dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "terragrunt", "providers")
}

// openProviders makes the provider cache, which starts nothing before the
// first init.
func (s *session) openProviders() {
	o := s.opts.Providers
	if !o.Cache {
		return
	}
	if o.dir() == "" {
		s.log.Warn("No provider cache: there is no folder for caches. Name one with --provider-cache-dir")
		return
	}
	s.providers = providercache.New(providercache.Options{
		Dir: o.dir(), Hostname: o.Hostname, Port: o.Port, Token: o.Token, Registries: o.Registries, Log: s.log,
	})
}

// installer is the part that the provider cache has in an init; nil for none.
func (s *session) installer() run.Installer {
	if s.providers == nil {
		return nil
	}
	return s.providers
}

// pluginCache is the folder that OpenTofu is told to share providers in: none
// where the user's own settings name one. The binary wants it to be there.
func (s *session) pluginCache(env []string) string {
	o := s.opts.Providers
	if o.NoAuto || providercache.PluginCacheDir(env) != "" {
		return ""
	}
	dir := o.dir()
	if dir == "" {
		return ""
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		s.log.Debug("no shared folder for providers", "error", err)
		return ""
	}
	return dir
}

func (s *session) closeProviders() {
	if s.providers == nil {
		return
	}
	if err := s.providers.Close(); err != nil {
		s.log.Debug("closing the provider cache", "error", err)
	}
}
