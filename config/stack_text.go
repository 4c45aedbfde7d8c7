package config

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// generatedNote heads the files that are made for a component.
const generatedNote = "# Made from terragrunt.stack.hcl: changes are lost when the stack is generated again.\n"

// valuesText is the file that hands the block's values down, or nil where it
// has none. What is not known is not written: hcl validate reads no outputs.
func (fr *frame) valuesText(ev *eval, b *blockDef) ([]byte, error) {
	v, ok, err := fr.attr(ev, b, "values")
	if err != nil || !ok || !v.IsWhollyKnown() {
		return nil, err
	}
	f := hclwrite.NewEmptyFile()
	all := v.AsValueMap()
	for _, name := range sortedKeys(all) {
		if !hclsyntax.ValidIdentifier(name) {
			return nil, fr.explain(errorAt(b.attrs["values"].at(), "Invalid values", "%q cannot be the name of a value: write a word of letters, digits, - and _", name))
		}
		f.Body().SetAttributeValue(name, all[name])
	}
	return append([]byte(generatedNote), hclwrite.Format(f.Bytes())...), nil
}

// autoincludeText is the file that lays the autoinclude block over what is
// generated, or nil where there is none. What can be evaluated here is; what
// refers to outputs is left for the unit.
func (fr *frame) autoincludeText(ev *eval, m *member, at StackMember) ([]byte, error) {
	b := m.nested("autoinclude")
	if b == nil {
		return nil, nil
	}
	w := &autoWriter{ev: ev, frame: fr, at: at, injects: at.IsStack}
	if at.IsStack {
		for _, inner := range b.blocks {
			w.own = append(w.own, inner.spec.name+"."+inner.label)
		}
	}
	w.out.WriteString(generatedNote)
	w.body(b)
	if err := w.problems.joined(); err != nil {
		return nil, err
	}
	return hclwrite.Format(w.out.Bytes()), nil
}

// autoWriter writes blocks with their expressions folded.
type autoWriter struct {
	ev       *eval
	frame    *frame
	at       StackMember
	injects  bool     // into a nested stack, which has names of its own
	own      []string // those that are injected
	expands  bool     // inside a dependency that makes several: each and count are its own
	out      bytes.Buffer
	problems problems
}

// body writes dependencies first, then attributes, then the other blocks.
func (w *autoWriter) body(b *blockDef) {
	for _, nested := range b.blocks {
		if nested.spec.name == "dependency" {
			w.block(nested)
		}
	}
	w.attrs(b)
	for _, nested := range b.blocks {
		if nested.spec.name != "dependency" {
			w.block(nested)
		}
	}
}

func (w *autoWriter) attrs(b *blockDef) {
	names := sortedKeys(b.attrs)
	sort.SliceStable(names, func(i, j int) bool {
		return b.attrs[names[i]].rng.Start.Byte < b.attrs[names[j]].rng.Start.Byte
	})
	for _, name := range names {
		text, err := w.text(b, name)
		w.problems.add(err)
		fmt.Fprintf(&w.out, "%s = %s\n", name, text)
	}
}

func (w *autoWriter) block(b *blockDef) {
	w.out.WriteString("\n" + b.spec.name)
	if b.spec.label == labelOne || b.label != "" {
		w.out.WriteString(" " + string(hclwrite.TokensForValue(cty.StringVal(b.label)).Bytes()))
	}
	w.out.WriteString(" {\n")
	outer := w.expands
	w.expands = outer || b.spec.name == "dependency" && len(b.without("expansion").blocks) < len(b.blocks)
	w.body(b)
	w.expands = outer
	w.out.WriteString("}\n")
}

func (w *autoWriter) text(b *blockDef, name string) ([]byte, error) {
	d := b.attrs[name]
	if b.spec.name == "dependency" && name == "config_path" && !(w.expands && d.refersTo("each", "count")) {
		return w.configPath(d)
	}
	f := &folding{ev: w.ev, frame: w.frame, def: d, kept: w.kept}
	text, err := f.text()
	if err == nil && b.spec.name == "expansion" && bytes.HasPrefix(text, []byte("[")) {
		v, err := w.frame.value(w.ev, d)
		if err == nil && v.Type().IsSetType() {
			text = slices.Concat([]byte("toset("), text, []byte(")")) // folding has written the set as a list
		}
	}
	return text, err
}

// configPath is where a dependency lies, seen from the unit: an absolute path
// would tie the file to this machine.
func (w *autoWriter) configPath(d *def) ([]byte, error) {
	d.analyse()
	v, err := w.frame.value(w.ev, d)
	if err != nil {
		return nil, err
	}
	if v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return nil, w.frame.explain(errorAt(d.at(), "Invalid dependency", "config_path must be a string that is known when the stack is generated"))
	}
	path := v.AsString()
	if filepath.IsAbs(path) {
		rel, err := filepath.Rel(w.at.Dir, path)
		if err == nil {
			path = filepath.ToSlash(rel)
		}
	}
	return hclwrite.TokensForValue(cty.StringVal(path)).Bytes(), nil
}

// kept says that a reference is left as it is, since only the reader of the
// written file knows what it means.
func (w *autoWriter) kept(names []string) bool {
	switch names[0] {
	case "dependency", "feature", "include":
		return true
	case "unit", "stack":
		if !w.injects || len(names) < 2 {
			return false
		}
		return contains(w.own, strings.Join(names[:2], ".")) || w.frame.core.stack.member(names[0], names[1]) == nil
	case "each", "count":
		return w.expands || w.injects && w.frame.instance == nil
	}
	return false
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// refersTo says whether one of the words begins a reference of the expression.
func (d *def) refersTo(words ...string) bool {
	d.analyse()
	for _, word := range words {
		if _, ok := d.refs.kids[word]; ok {
			return true
		}
	}
	return false
}
