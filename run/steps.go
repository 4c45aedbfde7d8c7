package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
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
		{"admit", admit},
		{"arguments", arguments},
	}
}

// steps is the whole way of a unit.
func (r *Runner) steps() []step {
	list := preparing()
	if r.opts.Backend.Bootstrap || r.opts.Backend.Require {
		list = append(list, step{"bootstrap", bootstrap})
	}
	return append(list, step{"run", runCommand})
}

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
	if err := j.checkEngine(); err != nil {
		return err
	}
	j.workDir = j.unit.Dir() // until the real one is known
	if err := j.retrying(ctx, j.readHooks); err != nil {
		return err
	}
	assumed := false
	err = j.retrying(ctx, func(ctx context.Context) error {
		err := j.assumeRole(ctx)
		assumed = err == nil
		return err
	})
	j.skip = err == nil && !assumed // an error that is ignored must not lead to a run with other credentials
	return err
}

// fetch brings the module and the unit's own files to the working folder.
func fetch(ctx context.Context, j *job) error {
	var err error
	if j.req, err = j.request(j.unit.Dir(), j.cfg.DownloadDir, j.cfg.Terraform.Source); err != nil {
		return j.blameSource(j.unit, err)
	}
	j.req.Include, j.req.Exclude, j.req.Env = j.cfg.Terraform.IncludeInCopy, j.cfg.Terraform.ExcludeFromCopy, j.env
	j.ofRegistry(ctx)
	j.req.Mutable = j.cfg.Terraform.Mutable
	j.workDir = j.req.Layout().WorkDir
	j.outcome.WorkDir = j.workDir
	complete := false
	err = j.retrying(ctx, func(ctx context.Context) error {
		err := j.fetchModule(ctx)
		if err == nil {
			err = j.store.CopyUnit(ctx, j.req)
		}
		complete = err == nil
		return err
	})
	j.skip = err == nil && !complete // an error that is ignored leaves nothing to run on
	if complete {
		j.warnOfMovedState()
	}
	return j.blameSource(j.unit, err)
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
// told to the binary. When a generated file that had replaced one of the
// module is gone, the module's own is brought back.
func generate(ctx context.Context, j *job) error {
	uncovered, err := j.writeGenerated()
	if err != nil || !uncovered {
		return err
	}
	if err := j.store.Fetch(ctx, j.req); err != nil {
		return err
	}
	if err := j.store.CopyUnit(ctx, j.req); err != nil {
		return err
	}
	_, err = j.writeGenerated()
	return err
}

func (j *job) writeGenerated() (uncovered bool, err error) {
	files := newGenerator(j.workDir)
	for _, g := range j.cfg.Generate {
		if err := files.write(g); err != nil {
			return false, j.unit.Blame(config.Setting{Block: "generate", Label: g.Name}, "Cannot generate this file", err)
		}
	}
	if j.backend, err = j.configureBackend(files); err != nil {
		return false, j.unit.Blame(config.Setting{Block: "remote_state"}, "Cannot configure this backend", err)
	}
	return files.finish()
}

// admit stops a unit that the binary could not run in, or that is not to be
// run.
func admit(ctx context.Context, j *job) error {
	found, err := source.HasModuleFiles(j.workDir)
	if err != nil {
		return err
	}
	if !found {
		return j.blameSource(j.unit, &NoModuleError{Dir: j.workDir})
	}
	return leaveOut(ctx, j)
}

// leaveOut ends the way of a unit whose exclude block has no_run for the
// command.
func leaveOut(_ context.Context, j *job) error {
	if e := j.cfg.Exclude; e != nil && e.If && e.NoRun != nil && *e.NoRun && excludes(e.Actions, j.cmd.Name) {
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
	if j.opts.InputsDebug && !j.aside {
		if err := j.writeDebugInputs(); err != nil {
			return err
		}
	}
	vars, err := j.variables()
	if err != nil {
		return err
	}
	j.env = override(addMissing(j.env, vars), extra.env)
	if j.readsPlan(j.args) {
		j.planEnv = j.withoutPlanned(j.env)
	}
	return nil
}

// withoutPlanned drops the variables that a saved plan holds: all but the
// ephemeral ones. OpenTofu reads them from the environment again and fails, or
// does something else than was planned, where they have changed since.
func (j *job) withoutPlanned(env []string) []string {
	declared := j.declared()
	return slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		variable, isVar := strings.CutPrefix(name, "TF_VAR_")
		return isVar && !declared[variable].ephemeral
	})
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
