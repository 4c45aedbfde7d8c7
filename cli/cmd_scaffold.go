package cli

import (
	"context"
	"path/filepath"

	"github.com/terrace-iac/terrace/catalog"
	"github.com/terrace-iac/terrace/catalog/boilerplate"
	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// runScaffold writes a folder that uses a component.
func runScaffold(ctx context.Context, inv *invocation) (int, error) {
	switch {
	case len(inv.Args) == 0:
		return 1, &usageError{"No module URL passed. Name a module, as in " + progName + " scaffold github.com/acme/modules//vpc, or browse with " + progName + " catalog"}
	case len(inv.Args) > 2:
		return 1, &usageError{"scaffold takes a source and a template, not " + inv.Args[2] + " too"}
	}
	w, err := newWorkshop(ctx, inv)
	if err != nil {
		return 1, err
	}
	defer w.close()
	ctx, stop := w.watch(ctx)
	defer stop()
	template := ""
	if len(inv.Args) > 1 {
		template = inv.Args[1]
	}
	return w.screenEnd(w.scaffold(ctx, inv.Args[0], template))
}

// workshop is what scaffold and catalog share.
type workshop struct {
	*session
	opts    scaffoldOptions
	catalog *config.Catalog // nil where there is no block
	maker   *catalog.Scaffolder
}

func newWorkshop(ctx context.Context, inv *invocation) (*workshop, error) {
	s, err := newSession(inv, nil, config.MockPolicy{Never: true}) // see runFind
	if err != nil {
		return nil, err
	}
	w := &workshop{session: s, opts: newScaffoldOptions(inv)}
	dir := inv.Global.WorkingDir
	if w.opts.RootFile == "" {
		w.opts.RootFile = catalog.RootFileName(dir, inv.Global.Strict.Enabled("root-terragrunt-hcl"))
	}
	if w.catalog, err = s.loader.Catalog(ctx, dir, w.opts.RootFile); err != nil {
		s.close()
		return nil, err
	}
	if c := w.catalog; c != nil {
		w.opts.NoShell, w.opts.NoHooks = w.opts.NoShell || c.NoShell, w.opts.NoHooks || c.NoHooks
	}
	w.maker = catalog.NewScaffolder(s.store, w.templateOptions())
	return w, nil
}

func (w *workshop) templateOptions() boilerplate.Options {
	o := boilerplate.Options{
		AssumeYes: w.inv.Global.NonInteractive, NoShell: w.opts.NoShell, NoHooks: w.opts.NoHooks, NoDependencyPrompt: w.opts.NoDependencyPrompt,
		Exec: shell.NewProcess(w.relay), Env: w.inv.Env, Echo: w.console.Stderr(), Log: w.log,
	}
	if w.interactive() {
		o.Asker = &asker{w.console}
	}
	return o
}

// interactive says that somebody is there to be asked.
func (w *workshop) interactive() bool {
	return w.console.StdinTerminal() && w.console.StderrTerminal() && !w.inv.Global.NonInteractive
}

func (w *workshop) request(source, template string) catalog.Request {
	r := catalog.Request{
		Source: source, Template: template, Dir: w.inv.Global.WorkingDir, Output: w.opts.Output, Vars: w.opts.Vars, VarFiles: w.opts.VarFiles,
		RootFile: w.opts.RootFile, NoIncludeRoot: w.opts.NoIncludeRoot,
	}
	if w.catalog != nil {
		r.DefaultTemplate = w.catalog.DefaultTemplate
	}
	return r
}

// scaffold plans, asks where somebody can be asked, and writes.
func (w *workshop) scaffold(ctx context.Context, source, template string) error {
	p, err := w.maker.Plan(ctx, w.request(source, template))
	if err != nil {
		return err
	}
	if w.interactive() && w.console.StdoutTerminal() && len(p.Fields()) > 0 {
		done, err := w.fill(ctx, p, source)
		if err != nil || !done {
			return err
		}
	}
	return w.apply(ctx, p)
}

// apply writes what was planned and says what that is.
func (w *workshop) apply(ctx context.Context, p *catalog.Plan) error {
	written, err := w.maker.Apply(ctx, p)
	for _, path := range written {
		if err == nil {
			w.log.Info("Wrote " + w.relative(path))
		}
	}
	return err
}

// relative is a path as it is shown.
func (w *workshop) relative(path string) string {
	rel, err := filepath.Rel(w.inv.Cwd, path)
	if err != nil || !filepath.IsLocal(rel) {
		return path
	}
	return rel
}
