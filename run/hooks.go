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
)

// HookError says which hook has failed.
type HookError struct {
	Name string
	Argv []string
	Err  error
}

func (e *HookError) Error() string {
	code := exitCode(e.Err)
	if code > 0 {
		return fmt.Sprintf("Hook %q (command: %s) exited with non-zero exit code %d", e.Name, e.Argv[0], code)
	}
	return fmt.Sprintf("Hook %q (command: %s): %s", e.Name, e.Argv[0], e.Err)
}

// Unwrap gives the failure of the process.
func (e *HookError) Unwrap() error { return e.Err }

// withHooks runs an action between the hooks of a command. When a before-hook
// fails the action is not run; error hooks come last.
func (j *job) withHooks(ctx context.Context, command string, action func() error) error {
	if j.opts.NoHooks {
		return action()
	}
	err := j.hooks(ctx, j.cfg.Terraform.BeforeHooks, command, j.workDir, nil)
	if err != nil {
		j.log.Error("Errors encountered running before_hooks. Not running '" + command + "'")
	} else {
		err = action()
	}
	err = errors.Join(err, j.hooks(ctx, j.cfg.Terraform.AfterHooks, command, j.workDir, err))
	return unjoin(errors.Join(err, j.errorHooks(ctx, command, err)))
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

// hooks runs those that name one of the commands, in order. Once something has
// failed only those with run_on_error still run.
func (j *job) hooks(ctx context.Context, list []config.Hook, command, dir string, before error) error {
	var failed error
	for _, h := range list {
		if !slices.Contains(h.Commands, command) || !h.If {
			continue
		}
		if (before != nil || failed != nil) && !h.RunOnError {
			continue
		}
		if err := j.hook(ctx, hookRun{h.Name, "before_hook", command, h.Execute, j.hookDir(h.WorkingDir, dir), h.SuppressStdout, before != nil}); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return unjoin(failed)
}

func (j *job) errorHooks(ctx context.Context, command string, before error) error {
	if before == nil {
		return nil
	}
	var failed error
	text := errorText(before)
	for _, h := range j.cfg.Terraform.ErrorHooks {
		if !slices.Contains(h.Commands, command) || !matchesAny(h.OnErrors, text) {
			continue
		}
		if err := j.hook(ctx, hookRun{h.Name, "error_hook", command, h.Execute, j.hookDir(h.WorkingDir, j.workDir), h.SuppressStdout, true}); err != nil {
			failed = errors.Join(failed, err)
		}
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

func (j *job) hook(ctx context.Context, h hookRun) error {
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
	err := j.exec.Run(ctx, shell.Cmd{
		Path: h.argv[0], Args: h.argv[1:], Dir: h.dir, Env: env,
		Stdin: j.out.Stdin, Stdout: stdout, Stderr: j.out.Stderr, Shared: j.out.Shared, Cleanup: h.cleanup,
	})
	if err != nil {
		return &HookError{Name: h.name, Argv: h.argv, Err: err}
	}
	return nil
}

func (j *job) sourceText() string {
	if j.cfg.Terraform.Source == "" && j.opts.Source.URL == "" {
		return "."
	}
	if j.opts.Source.URL != "" {
		return j.opts.Source.URL
	}
	return j.cfg.Terraform.Source
}

// readHooks runs the after-hooks of reading the configuration, which was
// documented under one name and has worked under another.
func (j *job) readHooks(ctx context.Context) error {
	if j.opts.NoHooks {
		return nil
	}
	j.workDir = j.unit.Dir()
	for _, command := range []string{"terragrunt-read-config", "read-config"} {
		if err := j.hooks(ctx, j.cfg.Terraform.AfterHooks, command, j.unit.Dir(), nil); err != nil {
			return err
		}
	}
	return nil
}

// aroundFetch runs the hooks of init-from-module around a download.
func (j *job) aroundFetch(ctx context.Context, action func() error) error {
	if j.opts.NoHooks {
		return action()
	}
	const command = "init-from-module"
	err := j.hooks(ctx, j.cfg.Terraform.BeforeHooks, command, j.unit.Dir(), nil)
	if err == nil {
		err = action()
	}
	err = errors.Join(err, j.hooks(ctx, j.cfg.Terraform.AfterHooks, command, j.unit.Dir(), err))
	return unjoin(errors.Join(err, j.errorHooks(ctx, command, err)))
}
