package run

import (
	"context"
	"strings"

	"github.com/hashicorp/go-version"

	"github.com/terrace-iac/terrace/shell"
)

// InitPlace is where an init is about to run.
type InitPlace struct {
	Dir     string // the working folder
	DataDir string // where the binary puts what it installs
	// Upgrade says that the versions in the lock file do not count.
	Upgrade bool
	// Tofu is true for OpenTofu, false for Terraform and where that could not
	// be found out.
	Tofu bool
	Env  []string // of the process
}

// Installer has a part in the providers that an init installs.
type Installer interface {
	// Before gives the environment that the process is to have. An error is
	// one that makes the init pointless.
	Before(ctx context.Context, at InitPlace) ([]string, error)
	// After is called when the process has succeeded.
	After(ctx context.Context, at InitPlace)
}

// installing calls the binary so that the providers that it installs are
// shared with other units.
func (j *job) installing(ctx context.Context, env []string, upgrade bool, call func(env []string) error) error {
	if j.opts.Providers == nil {
		return call(j.withPluginCache(ctx, env))
	}
	at := InitPlace{Dir: j.workDir, DataDir: j.dataDir(), Upgrade: upgrade || upgradesBy(env), Env: env}
	v, err := j.versions.Version(ctx, j.bin, env, j.unit.Dir())
	if err != nil {
		j.log.Debug("which binary installs the providers is not known", "error", err)
	}
	at.Tofu = v.Name == "OpenTofu"
	if env, err = j.opts.Providers.Before(ctx, at); err != nil {
		return err
	}
	if err := call(env); err != nil {
		return err
	}
	j.opts.Providers.After(ctx, at)
	return nil
}

// upgradesBy says whether the variables for further arguments ask for newer
// versions.
func upgradesBy(env []string) bool {
	for _, name := range []string{"TF_CLI_ARGS", "TF_CLI_ARGS_init"} {
		if text, _ := lookup(env, name); shell.Argv(append([]string{"init"}, strings.Fields(text)...)).On("upgrade") {
			return true
		}
	}
	return false
}

const pluginCacheVariable = "TF_PLUGIN_CACHE_DIR"

// withPluginCache names the shared folder of providers to a binary that can
// use one from several processes at once: OpenTofu from 1.10 on.
func (j *job) withPluginCache(ctx context.Context, env []string) []string {
	if _, set := lookup(env, pluginCacheVariable); set || j.opts.PluginCache == nil {
		return env
	}
	v, err := j.versions.Version(ctx, j.bin, env, j.unit.Dir())
	if err != nil || !locksPluginCache(v.Name, v.Number) {
		j.log.Debug("no shared folder for providers: only OpenTofu from 1.10 on locks it", "binary", v.Name, "version", v.Number, "error", err)
		return env
	}
	dir := j.opts.PluginCache(env)
	if dir == "" {
		return env
	}
	return override(env, map[string]string{pluginCacheVariable: dir})
}

func locksPluginCache(name, number string) bool {
	v, err := version.NewVersion(strings.TrimPrefix(number, "v"))
	if err != nil || name != "OpenTofu" {
		return false
	}
	s := v.Segments()
	return s[0] > 1 || s[0] == 1 && s[1] >= 10
}

// installs says whether the user's command is one that installs or looks for
// providers.
func (j *job) installs() bool {
	return j.cmd.Name == "init" || j.locksProviders()
}

func (j *job) locksProviders() bool {
	return j.cmd.Name == "providers" && j.cmd.Args.Head() == 2 && j.cmd.Args[1] == "lock"
}
