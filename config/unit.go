package config

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hashicorp/go-version"
	"github.com/zclconf/go-cty/cty"
)

// Unit is a directory with a configuration file, bound: its files are parsed
// and its parents known, its expressions evaluated when they are asked for.
// All its methods may be called from several goroutines at once.
type Unit struct {
	core   *core
	parent *task // the evaluation on whose behalf the unit is asked
}

// Dir is the unit's folder, absolute.
func (u *Unit) Dir() string { return u.core.unitDir }

// Path is the unit's configuration file, absolute.
func (u *Unit) Path() string { return u.core.path }

func (u *Unit) start(ctx context.Context, p phase) (*eval, func()) {
	t, done := u.core.l.startTask(u.parent)
	return &eval{ctx: ctx, task: t, phase: p}, done
}

// Outline evaluates what is needed to order and list the unit. The error is an
// *Error, or that of a cancelled context.
func (u *Unit) Outline(ctx context.Context) (*Outline, error) {
	ev, done := u.start(ctx, early)
	defer done()
	v, err := u.core.l.force(ev, &u.core.outline, step{u.core.path, "outline"}, func(ev *eval) (any, error) {
		return u.core.view().outline(ev)
	})
	if err != nil {
		return nil, u.core.failure(err)
	}
	return v.(*Outline), nil
}

// Check evaluates everything that needs no outputs and reports every mistake
// in it. What touched the outside world is evaluated for the check only and
// again when the unit runs, since a unit that runs before may change it.
// soft says that every mistake found came from the outside world.
func (u *Unit) Check(ctx context.Context) (soft bool, err error) {
	if _, err := u.Outline(ctx); err != nil {
		return false, err
	}
	ev, done := u.start(ctx, early)
	defer done()
	ev.task.keep = true
	_, err = u.core.view().everything(ev)
	for _, c := range ev.task.fresh {
		c.forget()
	}
	if err == nil {
		return false, nil
	}
	var ps problems
	ps.add(err)
	return ps.outside(), u.core.failure(err)
}

// Config evaluates everything, with the outputs of dependencies. The error is
// an *Error, or that of a cancelled context.
func (u *Unit) Config(ctx context.Context) (*Config, error) {
	ev, done := u.start(ctx, late)
	defer done()
	v, err := u.core.l.force(ev, &u.core.config, step{u.core.path, wholeConfig}, func(ev *eval) (any, error) {
		if err := u.core.checkCycle(ev); err != nil {
			return nil, err
		}
		v := u.core.view()
		v.fetchAll(ev)
		return v.everything(ev)
	})
	if err != nil {
		return nil, u.core.failure(err)
	}
	return v.(*Config), nil
}

// Value gives the evaluated configuration as an object, as
// read_terragrunt_config would.
func (u *Unit) Value(ctx context.Context) (cty.Value, error) {
	ev, done := u.start(ctx, late)
	defer done()
	v, err := u.core.view().value(ev)
	if err != nil {
		return cty.NilVal, u.core.failure(err)
	}
	return v, nil
}

// RemoteState evaluates where the unit's state lives, and nothing else. It is
// nil where the unit does not say, and where saying so takes outputs of other
// units that are not there yet.
func (u *Unit) RemoteState(ctx context.Context) (*RemoteState, error) {
	ev, done := u.start(ctx, early)
	defer done()
	blocks, err := u.core.view().section(ev, "remote_state")
	if err != nil {
		return nil, u.core.failure(err)
	}
	if ev.open {
		return nil, nil
	}
	rs, err := decodeRemoteState(blocks)
	if err != nil {
		return nil, u.core.failure(err)
	}
	return rs, nil
}

// Declares says whether any of the unit's files holds a block of that name. It
// evaluates nothing.
func (u *Unit) Declares(block string) bool { return u.core.view().has(block) }

// Reads lists the files, besides the unit's own, that its evaluation has read
// so far: absolute, sorted, each once. With an error it still returns those
// that it knows.
func (u *Unit) Reads(ctx context.Context) ([]string, error) {
	ev, done := u.start(ctx, early)
	defer done()
	files, err := u.core.reads(ev)
	if err != nil {
		err = u.core.failure(err)
	}
	return files, err
}

// failure gives an error in the form that leaves the package.
func (c *core) failure(err error) error {
	if isCancelled(err) {
		return err
	}
	var ps problems
	ps.add(err)
	return ps.err(c.l, c.path)
}

func (v view) outline(ev *eval) (*Outline, error) {
	o := &Outline{}
	var ps problems
	for _, in := range v.core.includes {
		o.Includes = append(o.Includes, in.Include)
	}
	source, ok, err := v.blockAttr(ev, "terraform", "source")
	ps.add(err)
	if ok && source.IsKnown() {
		o.Source = source.AsString()
	}
	wanted, ok, err := v.blockAttr(ev, "terraform", "version")
	ps.add(err)
	if ok && wanted.IsKnown() && !wanted.IsNull() {
		o.SourceVersion = wanted.AsString()
	}
	o.Dependencies, err = v.edges(ev)
	ps.add(err)
	exclude, err := v.section(ev, "exclude")
	ps.add(err)
	o.Exclude = decodeExclude(exclude)
	protect, ok, err := v.top(ev, "prevent_destroy")
	ps.add(err)
	o.PreventDestroy = ok && protect.IsKnown() && protect.True()
	o.DownloadDir, err = v.core.downloadDir(ev)
	ps.add(err)
	for name, to := range map[string]*string{
		"terraform_binary": &o.Versions.Binary, "terraform_version_constraint": &o.Versions.Terraform, "terragrunt_version_constraint": &o.Versions.Terragrunt,
	} {
		*to, err = v.topString(ev, name)
		ps.add(err)
	}
	return o, ps.joined()
}

func (v view) topString(ev *eval, name string) (string, error) {
	value, ok, err := v.top(ev, name)
	if err != nil || !ok || !value.IsKnown() {
		return "", err
	}
	return value.AsString(), nil
}

// edges gives the folders of the units that must run before this one.
func (v view) edges(ev *eval) ([]string, error) {
	var out []string
	var ps problems
	list, err := v.dependencyBlocks(ev)
	ps.add(err)
	for _, d := range list {
		on, err := d.bool(ev, "enabled", true)
		ps.add(err)
		if !on {
			continue
		}
		path, err := v.configPath(ev, d)
		ps.add(err)
		if path != "" {
			out = append(out, v.core.l.unitDir(path))
		}
	}
	paths, err := v.orderingPaths(ev)
	ps.add(err)
	return unique(append(out, paths...)), ps.joined()
}

func (l *Loader) unitDir(path string) string {
	if l.texts.isFile(path) {
		return filepath.Dir(path)
	}
	return path
}

// everything evaluates all of the configuration, locals first, and decodes it.
func (v view) everything(ev *eval) (*Config, error) {
	c := &Config{}
	var ps problems
	ps.add(v.staticChecks())
	for _, fr := range v.frames {
		for _, name := range fr.file.locals.order {
			_, err := fr.value(ev, fr.file.locals.byName[name])
			ps.add(err)
		}
	}
	ps.add(v.decodeBlocks(ev, c))
	ps.add(v.decodeTop(ev, c))
	inputs, err := v.allInputs(ev)
	ps.add(err)
	c.Inputs = inputs
	c.InputsOpen = v.inputsOpen(ev)
	for _, in := range v.core.includes {
		c.Includes = append(c.Includes, in.Include)
	}
	return c, ps.joined()
}

func (v view) decodeBlocks(ev *eval, c *Config) error {
	var ps problems
	section := func(name string) []*block {
		blocks, err := v.section(ev, name)
		ps.add(err)
		return blocks
	}
	var err error
	c.Terraform, err = decodeTerraform(section("terraform"))
	ps.add(err)
	c.RemoteState, err = decodeRemoteState(section("remote_state"))
	ps.add(err)
	c.Generate, err = decodeGenerate(section("generate"))
	ps.add(err)
	c.Errors, err = decodeErrors(section("errors"))
	ps.add(err)
	c.Dependencies, err = decodeDependencies(v, ev)
	ps.add(err)
	list, _ := v.dependencyBlocks(ev) // decoding them has told of mistakes
	for _, d := range list {
		_, _, err := v.outputs(ev, d) // also of one that nobody refers to
		ps.add(err)
	}
	c.Ordering, err = v.orderingPaths(ev)
	ps.add(err)
	c.Exclude = decodeExclude(section("exclude"))
	for _, b := range section("engine") {
		c.Engine = &Engine{Source: b.str("source"), Version: b.str("version"), Type: b.str("type")}
	}
	for _, b := range section("catalog") {
		c.Catalog = &Catalog{URLs: b.strings("urls"), DefaultTemplate: b.str("default_template"), NoShell: b.flag("no_shell", false), NoHooks: b.flag("no_hooks", false)}
	}
	c.Features = map[string]cty.Value{}
	for _, f := range v.labelled("feature") {
		c.Features[f.label], err = v.core.featureValue(ev, f)
		ps.add(err)
	}
	return ps.joined()
}

func (v view) decodeTop(ev *eval, c *Config) error {
	var ps problems
	var err error
	for name, to := range map[string]*string{
		"terraform_binary": &c.TerraformBinary, "terraform_version_constraint": &c.TerraformVersion, "terragrunt_version_constraint": &c.TerragruntVersion,
	} {
		*to, err = v.topString(ev, name)
		ps.add(err)
	}
	ps.add(v.checkConstraint("terraform_version_constraint", c.TerraformVersion))
	ps.add(v.checkConstraint("terragrunt_version_constraint", c.TerragruntVersion))
	c.IAM, err = v.iam(ev)
	ps.add(err)
	protect, ok, err := v.top(ev, "prevent_destroy")
	ps.add(err)
	c.PreventDestroy = ok && protect.IsKnown() && protect.True()
	c.DownloadDir, err = v.core.downloadDir(ev)
	ps.add(err)
	return ps.joined()
}

// checkConstraint complains of version constraints that cannot be read.
func (v view) checkConstraint(name, text string) error {
	if text == "" {
		return nil
	}
	if _, err := version.NewConstraint(text); err == nil {
		return nil
	}
	for _, fr := range v.frames {
		if d, ok := fr.file.attrs[name]; ok {
			return fr.explain(errorAt(d.at(), "Invalid version constraint", "malformed constraint %q: write versions with =, !=, >, >=, <, <= or ~>, separated by commas", text))
		}
	}
	return nil
}

// staticChecks finds references that can never be allowed.
func (v view) staticChecks() error {
	var ps problems
	for _, fr := range v.frames {
		for _, b := range fr.file.blocks {
			if d, ok := b.attrs["source"]; ok && b.spec.name == "terraform" && d.refs != nil && d.refs.kids["dependency"] != nil {
				ps.add(fr.explain(errorAt(d.at(), "Invalid source", "terraform.source cannot reference dependency outputs: the module must be known before anything is applied")))
			}
		}
		ps.add(fr.checkDependencyInputs())
	}
	return ps.joined()
}

func (fr *frame) checkDependencyInputs() error {
	var ps problems
	fr.file.eachDef(func(d *def) {
		if err := d.readsInputs(); err != nil {
			ps.add(fr.explain(err))
		}
	})
	return ps.joined()
}

// readsInputs complains of a reference to the inputs of a dependency.
func (d *def) readsInputs() error {
	if d.refs == nil || d.refs.kids["dependency"] == nil {
		return nil
	}
	for _, t := range d.expr.Variables() {
		if n := traversalNames(t); len(n) > 2 && n[0] == "dependency" && n[2] == "inputs" {
			return errorAt(t.SourceRange(), "Unsupported reference",
				"Reading inputs from dependencies is no longer supported: dependency.%s.inputs. Read an output, or the inputs with read_terragrunt_config.", n[1])
		}
	}
	return nil
}

func (c *core) reads(ev *eval) ([]string, error) {
	v := c.view()
	var ps problems
	for _, fr := range v.frames {
		for _, name := range fr.file.locals.order {
			if d := fr.file.locals.byName[name]; d.mayRead() {
				_, err := fr.value(ev, d)
				ps.add(err)
			}
		}
	}
	_, err := v.outline(ev)
	ps.add(err)
	for _, in := range c.includes {
		ev.read(in.Path)
	}
	var out []string
	for _, r := range unique(ev.effects.reads) {
		if r != c.path {
			out = append(out, r)
		}
	}
	return sortedStrings(out), ps.joined()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func validPattern(p string) error {
	_, err := regexp.Compile(strings.TrimPrefix(p, "!"))
	return err
}

func joinArrow(list []string) string { return strings.Join(list, " -> ") }
