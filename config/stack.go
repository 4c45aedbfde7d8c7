package config

import (
	"context"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// StackDirName is the folder beside a stack file in which it is generated.
const StackDirName = ".terragrunt-stack"

// StackFile is a terragrunt.stack.hcl, evaluated.
type StackFile struct {
	Path       string // absolute
	Dir        string // its folder
	Components []StackComponent
	Reads      []string // files that its evaluation has read, itself included: absolute, sorted
}

// StackMember names one unit or stack of a stack file, after expansion.
type StackMember struct {
	Name    string
	Key     string // of the instance where one block makes several, else ""
	Many    bool   // one block makes several
	IsStack bool
	Path    string // as written
	Dir     string // absolute: where it is generated
	Beside  bool   // not below .terragrunt-stack
}

// String is how people see the member: unit "web" or unit "web[a]".
func (m StackMember) String() string {
	kind, name := "unit", m.Name
	if m.IsStack {
		kind = "stack"
	}
	if m.Many {
		name += "[" + m.Key + "]"
	}
	return kind + ` "` + name + `"`
}

// StackComponent is all that is needed to generate a unit or stack.
type StackComponent struct {
	StackMember
	Source       string
	Values       []byte // text of terragrunt.values.hcl, nil for none
	Autoinclude  []byte // text of the file that AutoincludeName names, nil for none
	NoValidation bool
	FromCatalog  bool // update_source_with_cas
	File         string
	Line         int // where the block stands
}

// AutoincludeName is the file in which a component's autoinclude is written.
func (m StackMember) AutoincludeName() string {
	if m.IsStack {
		return autoincludeStackName
	}
	return autoincludeName
}

// ValuesName is the file of values beside a unit or stack.
const ValuesName = valuesFileName

// Stack evaluates the stack file at a path, or the one in a folder, completely.
// The error is an *Error, a *MissingFileError or that of a cancelled context.
func (l *Loader) Stack(ctx context.Context, path string) (*StackFile, error) {
	v, err := l.stack(ctx, path, func(c *core, ev *eval) (any, error) { return c.stackFile(ev) })
	if err != nil {
		return nil, err
	}
	return v.(*StackFile), nil
}

// StackMembers tells what a stack file generates and where. It evaluates no
// more than that takes. The error is as for Stack.
func (l *Loader) StackMembers(ctx context.Context, path string) ([]StackMember, error) {
	v, err := l.stack(ctx, path, func(c *core, ev *eval) (any, error) { return c.stackMembers(ev) })
	if err != nil {
		return nil, err
	}
	return v.([]StackMember), nil
}

func (l *Loader) stack(ctx context.Context, path string, ask func(*core, *eval) (any, error)) (any, error) {
	file, err := l.stackFileAt(path)
	if err != nil {
		return nil, err
	}
	ev := &eval{ctx: ctx, task: &task{}, phase: late}
	c, err := l.bind(ev, coreKey{path: file, origin: file})
	if err != nil {
		return nil, l.failed(file, err)
	}
	v, err := ask(c, ev)
	if err != nil {
		return nil, l.failed(file, err)
	}
	return v, nil
}

// failed gives an error in the form that leaves the package.
func (l *Loader) failed(file string, err error) error {
	if isCancelled(err) {
		return err
	}
	if _, ok := err.(*MissingFileError); ok {
		return err
	}
	var ps problems
	ps.add(err)
	return ps.err(l, file)
}

// stackFileAt finds the stack file that a path means.
func (l *Loader) stackFileAt(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if l.texts.isDir(path) {
		path = filepath.Join(path, stackFileName)
	}
	if !l.texts.isFile(path) {
		return "", &MissingFileError{Path: path}
	}
	return path, nil
}

// stackOf finds the stack file that a dependency names, if it names one.
func (l *Loader) stackOf(path string) (string, bool) {
	if filepath.Base(path) == stackFileName && l.texts.isFile(path) {
		return path, true
	}
	if _, err := l.texts.unitFile(path); err == nil {
		return "", false
	}
	file := filepath.Join(path, stackFileName)
	return file, l.texts.isFile(file)
}

// specFor says in which language a file is written that is read by itself.
func (l *Loader) specFor(path string) (spec *blockSpec, isStack bool) {
	switch filepath.Base(path) {
	case stackFileName:
		return l.stacks, true
	case autoincludeStackName:
		return l.injected, true
	}
	return l.schema, false
}

// stackMembers gives what the file generates, sorted as written.
func (c *core) stackMembers(ev *eval) ([]StackMember, error) {
	v, err := c.l.force(ev, c.sections.get("members"), step{c.path, "members"}, func(ev *eval) (any, error) {
		var out []StackMember
		var ps problems
		for _, m := range c.stack.members {
			list, err := m.instances(ev)
			ps.add(err)
			for _, fr := range list {
				one, on, err := fr.member(ev, m)
				ps.add(err)
				if err == nil && on {
					out = append(out, one)
				}
			}
		}
		return out, ps.joined()
	})
	if err != nil {
		return nil, err
	}
	return v.([]StackMember), nil
}

// stackFile evaluates everything in the file and reports every mistake.
func (c *core) stackFile(ev *eval) (*StackFile, error) {
	v, err := c.l.force(ev, &c.config, step{c.path, wholeConfig}, func(ev *eval) (any, error) {
		out := &StackFile{Path: c.path, Dir: c.dir}
		var ps problems
		for _, name := range c.main.file.locals.order {
			_, err := c.main.value(ev, c.main.file.locals.byName[name])
			ps.add(err)
		}
		places := &targets{core: c}
		for _, m := range c.stack.members {
			list, err := m.instances(ev)
			ps.add(err)
			for _, fr := range list {
				one, on, err := fr.component(ev, m)
				ps.add(err)
				if err == nil && on {
					out.Components = append(out.Components, one)
					ps.add(places.add(m, one.StackMember))
				}
			}
		}
		out.Reads = sortedStrings(unique(append([]string{c.path}, ev.reads...)))
		return out, ps.joined()
	})
	if err != nil {
		return nil, err
	}
	return v.(*StackFile), nil
}

// member evaluates where one instance is generated; on is false for one that
// is switched off.
func (fr *frame) member(ev *eval, m *member) (out StackMember, on bool, err error) {
	if on, err = fr.boolAttr(ev, m.block, "enabled", true); err != nil || !on {
		return out, on, fr.explained(err)
	}
	out = StackMember{Name: m.block.label, IsStack: m.isStack()}
	if fr.instance != nil {
		out.Key, out.Many = fr.instance.label, true
	}
	if out.Beside, err = fr.boolAttr(ev, m.block, "no_dot_terragrunt_stack", false); err != nil {
		return out, on, err
	}
	if out.Path, err = fr.given(ev, m.block, "path"); err != nil {
		return out, on, err
	}
	out.Dir, err = fr.targetDir(m.block, out)
	return out, on, err
}

func (fr *frame) explained(err error) error {
	if err == nil {
		return nil
	}
	return fr.explain(err)
}

// given is an attribute that must not be blank.
func (fr *frame) given(ev *eval, b *blockDef, name string) (string, error) {
	text, err := fr.stringAttr(ev, b, name)
	if err != nil {
		return "", err
	}
	if blank(text) {
		return "", fr.explain(errorAt(b.attrs[name].at(), "Invalid "+b.spec.name+" block", "%s of %s %q must not be blank", name, b.spec.name, b.label))
	}
	return text, nil
}

// component evaluates one instance completely.
func (fr *frame) component(ev *eval, m *member) (out StackComponent, on bool, err error) {
	if out.StackMember, on, err = fr.member(ev, m); err != nil || !on {
		return out, on, err
	}
	out.File, out.Line = fr.file.path, m.block.rng.Start.Line
	var ps problems
	out.Source, err = fr.given(ev, m.block, "source")
	ps.add(err)
	out.NoValidation, err = fr.boolAttr(ev, m.block, "no_validation", false)
	ps.add(err)
	out.FromCatalog, err = fr.boolAttr(ev, m.block, "update_source_with_cas", false)
	ps.add(err)
	_, err = fr.boolAttr(ev, m.block, "mutable", false)
	ps.add(err)
	if out.FromCatalog && !isLiteral(m.block.attrs["source"].expr) {
		ps.add(fr.explain(errorAt(m.block.attrs["source"].at(), "Invalid source",
			"%s %q has update_source_with_cas, so that its source must be plain text in quotes", m.block.spec.name, m.block.label)))
	}
	out.Values, err = fr.valuesText(ev, m.block)
	ps.add(err)
	out.Autoinclude, err = fr.autoincludeText(ev, m, out.StackMember)
	ps.add(err)
	return out, on, ps.joined()
}

// isLiteral says that an expression is text without references or functions.
func isLiteral(expr hcl.Expression) bool {
	d := &def{expr: expr}
	d.analyse()
	return d.constant()
}

// value gives what read_terragrunt_config returns for a stack file.
func (c *core) stackValue(ev *eval) (cty.Value, error) {
	value, err := c.l.force(ev, c.sections.get("value"), step{c.path, wholeFile}, func(ev *eval) (any, error) {
		locals, err := c.main.locals().all(ev)
		if err != nil {
			return nil, err
		}
		kinds := map[string]cty.Value{"local": locals}
		for _, kind := range []string{"unit", "stack"} {
			if kinds[kind], err = c.kindValue(ev, kind); err != nil {
				return nil, err
			}
		}
		return cty.ObjectVal(kinds), nil
	})
	if err != nil {
		return cty.NilVal, err
	}
	return value.(cty.Value), nil
}

// kindValue gives the units or the stacks by name. Where a block makes
// several, they are told apart by their keys.
func (c *core) kindValue(ev *eval, kind string) (cty.Value, error) {
	byName := map[string]cty.Value{}
	for _, m := range c.stack.members {
		if m.block.spec.name != kind {
			continue
		}
		list, err := m.instances(ev)
		if err != nil {
			return cty.NilVal, err
		}
		byKey := map[string]cty.Value{}
		for _, fr := range list {
			v, on, err := fr.memberValue(ev, m)
			if err != nil {
				return cty.NilVal, err
			}
			switch {
			case !on:
			case fr.instance == nil:
				byName[m.block.label] = v
			default:
				byKey[fr.instance.label] = v
			}
		}
		if m.expansion() != nil {
			byName[m.block.label] = cty.ObjectVal(byKey)
		}
	}
	return cty.ObjectVal(byName), nil
}

func (fr *frame) memberValue(ev *eval, m *member) (cty.Value, bool, error) {
	if on, err := fr.boolAttr(ev, m.block, "enabled", true); err != nil || !on {
		return cty.NilVal, false, err
	}
	attrs := map[string]cty.Value{"name": cty.StringVal(m.block.label)}
	for _, a := range m.block.spec.attrs {
		if a.name == "enabled" {
			continue
		}
		v, ok, err := fr.attr(ev, m.block, a.name)
		if err != nil {
			return cty.NilVal, false, err
		}
		if !ok {
			v = cty.NullVal(a.typ.ctyType())
		}
		attrs[a.name] = v
	}
	return cty.ObjectVal(attrs), true, nil
}
