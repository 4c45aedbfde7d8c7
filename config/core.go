package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// core is a unit bound: its own frame and those of its parents.
type core struct {
	l        *Loader
	path     string
	dir      string // of the configuration file: what functions of place speak of
	unitDir  string // of the unit: where it is run from, mostly the same
	origin   string // configuration file that the reading started from
	read     bool   // read by an expression of another file
	base     bool   // seen with the credentials that the role is assumed with
	from     string // folder of the unit that the reading started from, where it is not that of the origin
	main     *frame
	auto     *frame // laid over the unit by a stack; nil for none
	includes []*include
	stack    *stackParts // nil for a unit

	outline  cell
	config   cell
	outputs  cell // of this unit, for others: joined, never stored
	sections sectionMap
	acyclic  atomic.Bool // no cycle of dependencies can be reached from here
}

// bindIncludes evaluates the include blocks of the unit's own file. They see
// nothing but values and functions.
func (c *core) bindIncludes(ev *eval) error {
	var ps problems
	for _, fr := range c.own() {
		for _, b := range fr.file.blocks {
			if b.spec.name != "include" {
				continue
			}
			if _, again := c.include(b.label); again {
				continue // the autoinclude file's wins
			}
			in, err := c.bindInclude(ev, fr, b)
			if err != nil {
				ps.add(err)
				continue
			}
			c.includes = append(c.includes, in)
		}
	}
	return ps.joined()
}

func (c *core) bindInclude(ev *eval, fr *frame, b *blockDef) (*include, error) {
	in := &include{Include: Include{Label: b.label, Strategy: "shallow"}, rng: b.rng}
	path, err := fr.stringAttr(ev, b, "path")
	if err != nil {
		return nil, err
	}
	if b.label == "" && c.l.opts.Strict != nil && c.l.opts.Strict("bare-include") {
		return nil, errorAt(b.rng, "Include without a label", "give the include block a label: include \"root\" { ... } (strict control bare-include)")
	}
	if path == "" {
		return nil, errorAt(b.attrs["path"].at(), "Invalid include", "the include block must specify a 'path' parameter")
	}
	if in.Expose, err = fr.boolAttr(ev, b, "expose", false); err != nil {
		return nil, err
	}
	strategy, err := fr.stringAttr(ev, b, "merge_strategy")
	if err != nil {
		return nil, err
	}
	if strategy != "" {
		in.Strategy = strategy
	}
	if err := checkStrategy(b, in.Strategy); err != nil {
		return nil, err
	}
	in.Path = c.main.abs(path)
	return in, c.openInclude(ev, in, b)
}

func checkStrategy(b *blockDef, strategy string) error {
	switch strategy {
	case "no_merge", "shallow", "deep":
		return nil
	}
	return errorAt(b.attrs["merge_strategy"].at(), "Invalid merge strategy",
		"Include merge strategy %s is unknown. Valid strategies are: no_merge, shallow, deep.%s", strategy, orNearest(strategy, "no_merge", "shallow", "deep"))
}

func (c *core) openInclude(ev *eval, in *include, b *blockDef) error {
	ev.read(in.Path)
	f, err := c.l.parse(in.Path, c.l.schema)
	if notExist(err) {
		return errorAt(b.attrs["path"].at(), "Include configuration not found",
			"Include configuration not found: %s (referenced from: %s).%s", in.Path, c.path, orNearPath(in.Path))
	}
	if err != nil {
		return reached(err, c.step(in))
	}
	for _, nested := range f.blocks {
		if nested.spec.name == "include" {
			return reached(errorAt(nested.rng, "Nested include",
				"%s is included by %s and includes another file itself. Only one level of includes is allowed.", in.Path, c.path), c.step(in))
		}
	}
	in.frame = newFrame(c, f, in)
	return nil
}

// step describes how an include is reached, for the trace of an error.
func (c *core) step(in *include) string {
	return fmt.Sprintf("%s:%d: include %q of %s", c.path, in.rng.Start.Line, in.Label, in.Path)
}

func (c *core) include(label string) (*include, bool) {
	for _, in := range c.includes {
		if in.Label == label {
			return in, true
		}
	}
	return nil, false
}

// explain adds to an error from a parent how the parent was reached.
func (fr *frame) explain(err error) error {
	if fr.include == nil {
		return err
	}
	return reached(err, fr.core.step(fr.include))
}

// attr evaluates a block's attribute and converts it to the type that the
// schema gives. ok is false for one that is absent or null.
func (fr *frame) attr(ev *eval, b *blockDef, name string) (v cty.Value, ok bool, err error) {
	d, there := b.attrs[name]
	if !there {
		return cty.NilVal, false, nil
	}
	v, err = fr.value(ev, d)
	if err != nil {
		return cty.NilVal, false, err
	}
	return fr.typed(v, b.spec.attr(name), d)
}

// typed converts an attribute's value to the schema's type.
func typed(v cty.Value, spec *attrSpec, rng hcl.Range) (cty.Value, bool, error) {
	if v.IsNull() {
		if spec.required && spec.name != "config" {
			return cty.NilVal, false, errorAt(rng, "Invalid value for attribute",
				"null value is not allowed for %s, which is required", spec.name)
		}
		return cty.NilVal, false, nil
	}
	v, _ = v.UnmarkDeep()
	if spec.typ == typeObject && v.IsKnown() && !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return cty.NilVal, false, errorAt(rng, "Unsuitable value type", "%s must be an object, but it is %s", spec.name, kindOf(v))
	}
	converted, err := convert.Convert(v, spec.typ.ctyType())
	if err != nil {
		return cty.NilVal, false, errorAt(rng, "Unsuitable value type", "Unsuitable value for %s: %s", spec.name, plainTypes(err))
	}
	return converted, true, nil
}

func typeName(v cty.Value) string { return v.Type().FriendlyName() }

// kindOf names a value's type in everyday words.
func kindOf(v cty.Value) string {
	switch {
	case isSequence(v):
		return "a list"
	case v.Type().IsObjectType():
		return "an object"
	}
	return "a " + typeName(v)
}

// plainTypes says what a failed conversion says, in everyday words.
func plainTypes(err error) string {
	words := strings.NewReplacer("have tuple", "have list", "bool is required", "bool is required: true or false")
	return words.Replace(err.Error())
}

func (fr *frame) stringAttr(ev *eval, b *blockDef, name string) (string, error) {
	v, ok, err := fr.attr(ev, b, name)
	if err != nil || !ok {
		return "", err
	}
	if !v.IsKnown() {
		return "", errorAt(b.attrs[name].at(), "Unsuitable value type", "%s: value must be known", name)
	}
	return v.AsString(), nil
}

func (fr *frame) boolAttr(ev *eval, b *blockDef, name string, absent bool) (bool, error) {
	v, ok, err := fr.attr(ev, b, name)
	if err != nil || !ok {
		return absent, err
	}
	if !v.IsKnown() {
		return absent, errorAt(b.attrs[name].at(), "Unsuitable value type", "%s: value must be known", name)
	}
	return v.True(), nil
}

// strategy of the frame's include; the unit's own file has none.
func (fr *frame) strategy() string {
	if fr.include == nil {
		return ""
	}
	return fr.include.Strategy
}

// frames gives the unit's own files and the parents that are merged into it,
// strongest first.
func (c *core) frames() []*frame {
	out := c.own()
	for i := len(c.includes) - 1; i >= 0; i-- {
		if c.includes[i].Strategy != "no_merge" {
			out = append(out, c.includes[i].frame)
		}
	}
	return out
}

func (c *core) dirOf(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(c.dir, path)
}
