package run

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/terrace-iac/terrace/shell"
)

const (
	initMarker = ".terragrunt-init-required"
	initRecord = ".terragrunt-init-done"
	lockFile   = ".terraform.lock.hcl"
)

// initialised is what an init was done with. A later command needs another one
// when any of it has changed.
type initialised struct {
	Inputs    string `json:"inputs"`    // digest of backend settings, requirements, module calls, binary and data folder
	Lock      string `json:"lock"`      // digest of the lock file that init left, "" for none
	Data      bool   `json:"data"`      // init left a data folder
	Providers bool   `json:"providers"` // with providers in it
	Modules   bool   `json:"modules"`   // with modules in it
}

// needsInit says whether a command works only in an initialised folder.
func needsInit(command string) bool {
	switch command {
	case "", "version", "init", "fmt", "login", "logout", "metadata":
		return false
	}
	return !shell.IsFlag(command)
}

// ensureInit runs init when something that it depends on has changed since it
// was last done in this folder.
func (j *job) ensureInit(ctx context.Context) error {
	if !needsInit(j.cmd.Name) {
		return nil
	}
	why := j.initReason()
	if why == "" {
		return nil
	}
	if j.opts.NoAutoInit {
		j.log.Warn("Detected that init is needed, but Auto-Init is disabled. Continuing with further actions, but subsequent terraform commands may fail.", "reason", why)
		return nil
	}
	j.log.Debug("init is needed", "reason", why)
	return j.timed("init", func() error { return j.autoInit(ctx) })
}

func (j *job) autoInit(ctx context.Context) (err error) {
	ctx, end := j.trace(ctx, "init")
	defer func() { end(err) }()
	extra := j.extraArguments(shell.Argv{"init"})
	args := slices.Concat(j.backend, extra.flags)
	if j.opts.NoColor || j.cmd.Args.On("no-color") {
		args = append(args, "-no-color")
	}
	stdout := j.out.Quiet
	if stdout == nil {
		stdout = io.Discard
	}
	j.outcome.Init = true
	// A question would neither be seen nor answered: standard input belongs to
	// the command.
	env := override(override(j.env, map[string]string{"TF_INPUT": "0"}), extra.env)
	return j.withHooks(ctx, "init", func() error {
		err := j.installing(ctx, env, shell.Argv(args).On("upgrade"), func(env []string) error {
			tofu := shell.Tofu{Bin: j.bin, Dir: j.workDir, Env: env, Exec: j.exec}
			return tofu.Init(ctx, args, shell.Streams{Stdout: stdout, Stderr: j.out.Stderr})
		})
		if lockErr := j.copyLockBack(); err == nil {
			err = lockErr
		}
		if err != nil {
			return err
		}
		return j.recordInit()
	})
}

// dataDir is where the binary keeps providers, modules and the backend's
// settings.
func (j *job) dataDir() string {
	dir, ok := lookup(j.env, "TF_DATA_DIR")
	if !ok || dir == "" {
		dir = ".terraform"
	}
	if filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(j.workDir, dir)
}

// initReason says why an init is needed, or gives "".
func (j *job) initReason() string {
	if exists(filepath.Join(j.workDir, initMarker)) {
		return "the module was fetched again"
	}
	dir := j.dataDir()
	b, err := os.ReadFile(filepath.Join(j.workDir, initRecord))
	if err != nil {
		return "the working folder was never initialised"
	}
	var done initialised
	if json.Unmarshal(b, &done) != nil {
		return "what the last init was done with cannot be read"
	}
	switch {
	case done.Data && !exists(dir):
		return "the data folder is gone"
	case done.Providers && !hasProviders(dir):
		return "the providers are gone"
	case done.Modules && !exists(filepath.Join(dir, "modules")):
		return "the modules are gone"
	case done.Inputs != j.initDigest():
		return "backend settings, requirements, module calls or the binary have changed"
	case done.Lock != fileDigest(filepath.Join(j.workDir, lockFile)):
		return "the lock file has changed"
	}
	return ""
}

func hasProviders(dataDir string) bool {
	return exists(filepath.Join(dataDir, "providers")) || exists(filepath.Join(dataDir, "plugins"))
}

// completeInit says that an init, when it succeeds, leaves nothing to another.
func completeInit(args shell.Argv) bool {
	for _, part := range []string{"backend", "get"} {
		if _, said := args.Text(part); said && !args.On(part) {
			return false
		}
	}
	return !args.On("help") && !args.On("h")
}

// recordInit notes what an init was done with, for initReason to compare.
func (j *job) recordInit() error {
	dir := j.dataDir()
	if err := os.Remove(filepath.Join(j.workDir, initMarker)); err != nil && !os.IsNotExist(err) {
		return err
	}
	done := initialised{
		Inputs: j.initDigest(), Lock: fileDigest(filepath.Join(j.workDir, lockFile)),
		Data: exists(dir), Providers: hasProviders(dir), Modules: exists(filepath.Join(dir, "modules")),
	}
	b, err := json.Marshal(done)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(j.workDir, initRecord), b, 0o644)
}

// copyLockBack brings the lock file that init wrote beside the unit, where it
// belongs into version control.
func (j *job) copyLockBack() error {
	if !j.cfg.Terraform.CopyLockFile || j.req.SourceIsUnit() && j.workDir == j.unit.Dir() {
		return nil
	}
	from, to := filepath.Join(j.workDir, lockFile), filepath.Join(j.unit.Dir(), lockFile)
	b, err := os.ReadFile(from)
	if err != nil {
		return nil // init wrote none
	}
	if have, err := os.ReadFile(to); err == nil && string(have) == string(b) {
		return nil
	}
	return writeFile(to, b, 0o644)
}
