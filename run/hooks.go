package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/source"
)

// HookError says which hook has failed.
type HookError struct {
	Name string
	Argv []string
	Err  error
}

func (e *HookError) Error() string {
	var exit *shell.ExitError
	if errors.As(e.Err, &exit) {
		return fmt.Sprintf("Hook %q (command: %s) exited with non-zero exit code %d", e.Name, e.Argv[0], exit.Code)
	}
	return fmt.Sprintf("Hook %q (command: %s): %s", e.Name, e.Argv[0], e.Err)
}

// Unwrap gives the failure of the process.
func (e *HookError) Unwrap() error { return e.Err }

// withHooks runs an action between the hooks of a command.
func (j *job) withHooks(ctx context.Context, command string, action func() error) error {
	return j.between(ctx, hookSet{j.cfg.Terraform, command, j.workDir}, action)
}

// hookSet is the hooks around one command, and the folder that they run in
// when they name none.
type hookSet struct {
	config.Terraform
	command, dir string
}

// between runs an action between hooks. When a before-hook fails the action is
// not run; error hooks come last.
func (j *job) between(ctx context.Context, set hookSet, action func() error) error {
	if j.opts.NoHooks {
		return action()
	}
	err := j.hooks(ctx, set, "before_hook", nil)
	if err != nil {
		j.log.Error("Errors encountered running before_hooks. Not running '" + set.command + "'")
	} else {
		err = action()
	}
	err = errors.Join(err, j.hooks(ctx, set, "after_hook", err))
	return unjoin(errors.Join(err, j.errorHooks(ctx, set, err)))
}

// unjoin gives a lone error as itself.
func unjoin(err error) error {
	for {
		many, ok := err.(interface{ Unwrap() []error })
		if !ok || len(many.Unwrap()) != 1 {
			return err
		}
		err = many.Unwrap()[0]
	}
}

// hooks runs the before- or after-hooks of a set, in order. Once something has
// failed only those with run_on_error still run, and these even after an
// interrupt.
func (j *job) hooks(ctx context.Context, set hookSet, kind string, before error) error {
	list := set.BeforeHooks
	if kind == "after_hook" {
		list = set.AfterHooks
	}
	var failed error
	for _, h := range list {
		broken := before != nil || failed != nil
		if !slices.Contains(h.Commands, set.command) || !h.If || broken && !h.RunOnError {
			continue
		}
		err := j.hook(ctx, hookRun{h.Name, kind, set.command, h.Execute, j.hookDir(h.WorkingDir, set.dir), h.SuppressStdout, broken})
		failed = errors.Join(failed, err)
	}
	return unjoin(failed)
}

func (j *job) errorHooks(ctx context.Context, set hookSet, before error) error {
	if before == nil {
		return nil
	}
	var failed error
	text := errorText(before, bothStreams)
	for _, h := range set.ErrorHooks {
		if !slices.Contains(h.Commands, set.command) || !matchesAny(h.OnErrors, text) {
			continue
		}
		err := j.hook(ctx, hookRun{h.Name, "error_hook", set.command, h.Execute, j.hookDir(h.WorkingDir, set.dir), h.SuppressStdout, true})
		failed = errors.Join(failed, err)
	}
	return unjoin(failed)
}

func matchesAny(patterns []string, text errText) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		re, err := regexp.Compile(p)
		return err == nil && text.MatchString(re)
	})
}

func (j *job) hookDir(configured, dir string) string {
	switch {
	case configured == "":
		return dir
	case filepath.IsAbs(configured):
		return configured
	}
	return filepath.Join(j.unit.Dir(), configured)
}

// hookRun is one hook about to run.
type hookRun struct {
	name, kind, command string
	argv                []string
	dir                 string
	quiet, cleanup      bool
}

func (j *job) hook(ctx context.Context, h hookRun) (err error) {
	ctx, end := j.trace(ctx, h.step())
	defer func() { end(err) }()
	j.log.Info("Executing hook: " + h.name)
	stdout := j.out.Stdout
	if h.quiet {
		stdout = io.Discard
	}
	env := override(j.env, map[string]string{
		"TG_CTX_TF_PATH": j.bin, "TG_CTX_COMMAND": h.command, "TG_CTX_HOOK_NAME": h.name, "TG_CTX_HOOK_TYPE": h.kind,
		"TG_CTX_SOURCE": j.sourceText(), "TG_CTX_TERRAGRUNT_DIR": j.unit.Dir(),
	})
	if h.cleanup {
		ctx = context.WithoutCancel(ctx) // what must run after a failure must run after an interrupt too
	}
	lines := [][]string{h.argv}
	if h.argv[0] == "tflint" {
		var err error
		if lines, err = j.lintLines(h.argv); err != nil {
			return &HookError{Name: h.name, Argv: h.argv, Err: err}
		}
	}
	for _, argv := range lines {
		err := j.exec.Run(ctx, shell.Cmd{
			Path: argv[0], Args: argv[1:], Dir: h.dir, Env: env,
			Stdin: j.out.Stdin, Stdout: stdout, Stderr: j.out.Stderr, Shared: j.out.Shared, Cleanup: h.cleanup,
		})
		if err != nil {
			return &HookError{Name: h.name, Argv: h.argv, Err: err}
		}
	}
	return nil
}

// sourceText is where the module comes from, as hooks are told.
func (j *job) sourceText() string {
	configured := j.cfg.Terraform.Source
	switch {
	case j.opts.Source.URL != "":
		return j.opts.Source.URL
	case configured == "":
		return "."
	}
	return source.Remap(configured, j.opts.Source.Map)
}

// readHooks runs the after-hooks of reading the configuration, which was
// documented under one name and has worked under another. A hook that has both
// runs once.
func (j *job) readHooks(ctx context.Context) error {
	if j.opts.NoHooks {
		return nil
	}
	const worked, documented = "terragrunt-read-config", "read-config"
	set := hookSet{j.cfg.Terraform, worked, j.unit.Dir()}
	set.AfterHooks = slices.Clone(set.AfterHooks)
	for i, h := range set.AfterHooks {
		if slices.Contains(h.Commands, documented) {
			set.AfterHooks[i].Commands = []string{worked}
		}
	}
	return j.hooks(ctx, set, "after_hook", nil)
}

// aroundFetch runs the hooks of init-from-module around a download. There may
// be no working folder yet, so they run in the unit's.
func (j *job) aroundFetch(ctx context.Context, action func() error) error {
	return j.between(ctx, hookSet{j.cfg.Terraform, "init-from-module", j.unit.Dir()}, action)
}
