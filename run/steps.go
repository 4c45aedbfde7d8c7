package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/source"
)

// step is one part of a unit's way. It reads what earlier steps left in the
// job and leaves its own result there.
type step struct {
	name string
	do   func(ctx context.Context, j *job) error
}

// preparing leads to a working folder in which the binary could be called.
func preparing() []step {
	return []step{
		{"evaluate", evaluate},
		{"fetch", fetch},
		{"generate", generate},
		{"arguments", arguments},
	}
}

// steps is the whole way of a unit.
func steps() []step { return append(preparing(), step{"run", runCommand}) }

// evaluate gives the configuration, the environment and the binary.
func evaluate(ctx context.Context, j *job) error {
	env, err := j.environment(ctx, j.unit.Dir())
	if err != nil {
		return err
	}
	j.env = env
	if err := j.checkVersions(ctx); err != nil {
		return err
	}
	if j.cfg, err = j.unit.Config(ctx); err != nil {
		return err
	}
	if e := j.cfg.Engine; e != nil {
		j.log.Warn("engine blocks are not supported: the binary is run directly", "engine", e.Source)
	}
	return j.readHooks(ctx)
}

// fetch brings the module and the unit's own files to the working folder.
func fetch(ctx context.Context, j *job) error {
	var err error
	if j.req, err = j.request(j.unit.Dir(), j.cfg.DownloadDir, j.cfg.Terraform.Source); err != nil {
		return err
	}
	j.req.Include, j.req.Exclude, j.req.Env = j.cfg.Terraform.IncludeInCopy, j.cfg.Terraform.ExcludeFromCopy, j.env
	j.workDir = j.req.Layout().WorkDir
	j.outcome.WorkDir = j.workDir
	return j.retrying(ctx, func(ctx context.Context) error {
		if err := j.fetchModule(ctx); err != nil {
			return err
		}
		return j.store.CopyUnit(ctx, j.req)
	})
}

func (j *job) fetchModule(ctx context.Context) error {
	stale, err := j.store.Stale(ctx, j.req)
	if err != nil || !stale {
		return err
	}
	if !j.req.SourceIsUnit() {
		j.log.Info(fmt.Sprintf("Downloading Terraform configurations from %s into %s", j.req.Address, j.req.Layout().Root))
	}
	return j.aroundFetch(ctx, func() error { return j.store.Fetch(ctx, j.req) })
}

// request names the unit's module by what was configured and what the command
// line says instead.
func (r *Runner) request(unitDir, downloadDir, configured string) (source.Request, error) {
	raw, base := configured, unitDir
	switch o := r.opts.Source; {
	case o.URL != "" && o.Root && configured == "":
		raw = ""
	case o.URL != "" && o.Root:
		raw = source.Override(o.URL, configured)
	case o.URL != "":
		raw = o.URL
	default:
		raw = source.Remap(configured, o.Map)
	}
	if raw == "" {
		raw = "."
	}
	a, err := source.Parse(raw, base)
	if err != nil {
		return source.Request{}, err
	}
	return source.Request{Address: a, UnitDir: unitDir, DownloadDir: r.downloadDir(unitDir, downloadDir), Update: r.opts.Source.Update}, nil
}

// generate writes the unit's generated files and settles how the backend is
// told to the binary.
func generate(_ context.Context, j *job) error {
	files := newGenerator(j.workDir)
	for _, g := range j.cfg.Generate {
		if err := files.write(g); err != nil {
			return err
		}
	}
	var err error
	if j.backend, err = j.configureBackend(files); err != nil {
		return err
	}
	if err := files.finish(); err != nil {
		return err
	}
	found, err := source.HasModuleFiles(j.workDir)
	if err != nil {
		return err
	}
	if !found {
		return &NoModuleError{Dir: j.workDir}
	}
	if j.cfg.Exclude != nil && j.cfg.Exclude.If && j.cfg.Exclude.NoRun && excludes(j.cfg.Exclude.Actions, j.cmd.Name) {
		j.log.Info("Early exit in terragrunt unit " + j.unit.Dir() + " due to exclude block with no_run = true")
		j.skip = true
	}
	return nil
}

// NoModuleError says that there is nothing to run the binary on.
type NoModuleError struct{ Dir string }

func (e *NoModuleError) Error() string {
	return "Did not find any Terraform files (*.tf) or OpenTofu files (*.tofu) in " + e.Dir +
		": set terraform.source to a module, or put its files beside the unit's"
}

func excludes(actions []string, command string) bool {
	return slices.ContainsFunc(actions, func(a string) bool {
		a = strings.ToLower(a)
		return a == "all" || a == strings.ToLower(command) || a == "all_except_output" && command != "output"
	})
}

// arguments adds to the command line and the environment what configuration
// wants there.
func arguments(_ context.Context, j *job) error {
	extra := j.extraArguments(j.cmd.Args)
	flags := extra.flags
	if j.cmd.Name == "init" {
		flags = slices.Concat(j.backend, flags)
	}
	j.args = j.cmd.Args.Insert(flags...)
	if j.opts.InputsDebug {
		if err := j.writeDebugInputs(); err != nil {
			return err
		}
	}
	vars, err := j.variables()
	if err != nil {
		return err
	}
	env := addMissing(j.env, vars)
	j.env = override(env, extra.env)
	return nil
}

// runCommand initialises if needed, then runs hooks and the binary, as often
// as the rules for errors allow.
func runCommand(ctx context.Context, j *job) error {
	err := j.retrying(ctx, j.attempt)
	if err == nil {
		j.applied()
	}
	return err
}

func (j *job) attempt(ctx context.Context) error {
	if err := j.ensureInit(ctx); err != nil {
		return err
	}
	if err := j.protect(); err != nil {
		return err
	}
	restore, err := j.writeNullInputs()
	if err != nil {
		return err
	}
	defer restore()
	j.outcome.Attempts++
	return j.withHooks(ctx, j.cmd.Name, func() error {
		err := j.call(ctx, j.args)
		if j.cmd.Name == "init" || j.cmd.Name == "providers" && j.cmd.Args.Head() == 2 && j.cmd.Args[1] == "lock" {
			err = errors.Join(err, j.copyLockBack())
		}
		if j.cmd.Name == "init" && err == nil {
			err = j.recordInit()
		}
		return j.detailed(err)
	})
}

// call runs the binary with the unit's own streams.
func (j *job) call(ctx context.Context, args shell.Argv) error {
	return j.exec.Run(ctx, shell.Cmd{
		Path: j.bin, Args: args, Dir: j.workDir, Env: j.env,
		Stdin: j.out.Stdin, Stdout: j.out.Stdout, Stderr: j.out.Stderr, Shared: j.out.Shared,
	})
}

// detailed takes the status 2 of -detailed-exitcode for what it is: changes.
func (j *job) detailed(err error) error {
	var exit *shell.ExitError
	if j.cmd.Args.On("detailed-exitcode") && errors.As(err, &exit) && exit.Code == 2 {
		j.outcome.ExitCode = 2
		return nil
	}
	return err
}

// ProtectedError says that a unit must not be destroyed.
type ProtectedError struct{ Unit string }

func (e *ProtectedError) Error() string {
	return fmt.Sprintf("Unit is protected by the prevent_destroy flag in %s. Set it to false or remove it to allow destroy.", e.Unit)
}

func (j *job) protect() error {
	if j.cfg.PreventDestroy && (j.cmd.Name == "destroy" || j.cmd.Args.On("destroy")) {
		return &ProtectedError{Unit: j.unit.Path()}
	}
	return nil
}

// applied drops what was remembered of the unit when a command has changed it.
func (j *job) applied() {
	switch j.cmd.Name {
	case "apply", "destroy", "refresh", "import", "state", "taint", "untaint":
		j.outputs.Delete(j.unit.Dir())
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// resolveFile finds a file that configuration names with a relative path: in
// the working folder, where the unit's files were copied to, else beside the
// unit.
func (j *job) resolveFile(path string) (string, bool) {
	if filepath.IsAbs(path) {
		return path, exists(path)
	}
	if exists(filepath.Join(j.workDir, path)) {
		return path, true
	}
	beside := filepath.Join(j.unit.Dir(), path)
	return beside, exists(beside)
}
