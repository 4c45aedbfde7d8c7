package config

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// Rendering is a unit's merged and evaluated configuration, to be written out.
type Rendering struct {
	locals []sourced
	inputs []sourced
	tops   []sourced
	blocks []*block
}

// sourced is a named value and the file that it was found in.
type sourced struct {
	name  string
	value cty.Value
	file  string
}

// Render evaluates everything and reports all mistakes; outputs of dependencies
// that are not there are left empty.
func (u *Unit) Render(ctx context.Context) (*Rendering, error) {
	if _, err := u.Config(ctx); err != nil {
		return nil, err
	}
	ev, done := u.start(ctx, late)
	defer done()
	r, err := u.core.view().render(ev)
	if err != nil {
		return nil, u.core.failure(err)
	}
	return r, nil
}

func (v view) render(ev *eval) (*Rendering, error) {
	r := &Rendering{}
	var ps problems
	main := v.core.main
	for _, name := range main.file.locals.order {
		value, err := main.value(ev, main.file.locals.byName[name])
		ps.add(err)
		r.locals = append(r.locals, sourced{name, value, main.file.path})
	}
	inputs, err := v.allInputs(ev)
	ps.add(err)
	for _, name := range sortedKeys(inputs) {
		r.inputs = append(r.inputs, sourced{name, inputs[name], v.inputFile(name)})
	}
	for _, a := range v.core.l.schema.attrs {
		if a.name == "inputs" {
			continue
		}
		value, ok, err := v.top(ev, a.name)
		ps.add(err)
		if ok {
			r.tops = append(r.tops, sourced{a.name, value, v.topFile(a.name)})
		}
	}
	for _, spec := range v.core.l.schema.blocks {
		switch spec.name {
		case "include", "locals":
			continue
		}
		blocks, err := v.section(ev, spec.name)
		ps.add(err)
		r.blocks = append(r.blocks, blocks...)
	}
	return r, ps.joined()
}

func (v view) inputFile(name string) string {
	for _, fr := range v.frames {
		in := fr.file.inputs
		if in != nil && (in.whole != nil || in.keys.byName[name] != nil) {
			return fr.file.path
		}
	}
	return v.core.path
}

func (v view) topFile(name string) string {
	for _, fr := range v.frames {
		if _, ok := fr.file.attrs[name]; ok {
			return fr.file.path
		}
	}
	return v.core.path
}

// alwaysThere are the keys that the JSON form has in any case.
func alwaysThere() []string {
	return []string{
		"dependencies", "dependency", "download_dir", "feature", "generate", "iam_assume_role_duration", "iam_assume_role_session_name",
		"iam_role", "iam_web_identity_token", "inputs", "locals", "terraform_binary", "terraform_version_constraint", "terragrunt_version_constraint",
	}
}

// JSON gives one line of JSON with sorted keys. With metadata each value is
// wrapped together with the file that it was found in.
func (r *Rendering) JSON(metadata bool) ([]byte, error) {
	out := map[string]json.RawMessage{}
	for _, name := range alwaysThere() {
		out[name] = json.RawMessage("null")
	}
	var err error
	wrap := func(s sourced) json.RawMessage {
		b, e := jsonOf(s.value)
		if e != nil && err == nil {
			err = fmt.Errorf("%s: %w", s.name, e)
		}
		if !metadata {
			return b
		}
		w, _ := json.Marshal(map[string]any{"metadata": map[string]string{"found_in_file": s.file}, "value": b}) // cannot fail: it is JSON already
		return w
	}
	for name, list := range map[string][]sourced{"locals": r.locals, "inputs": r.inputs} {
		if len(list) > 0 {
			group := map[string]json.RawMessage{}
			for _, s := range list {
				group[s.name] = wrap(s)
			}
			out[name], _ = json.Marshal(group)
		}
	}
	for _, s := range r.tops {
		out[s.name] = wrap(s)
	}
	for name, group := range r.groups() {
		if group.byLabel == nil {
			out[name] = wrap(group.single)
			continue
		}
		labels := map[string]json.RawMessage{}
		for _, s := range group.byLabel {
			labels[s.name] = wrap(s)
		}
		out[name], _ = json.Marshal(labels)
	}
	if err != nil {
		return nil, err
	}
	line, err := marshal(out)
	return line, err
}

// marshal leaves < > & as they are, which json.Marshal would not.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// group is the blocks of one name.
type group struct {
	single  sourced
	byLabel []sourced
}

func (r *Rendering) groups() map[string]group {
	out := map[string]group{}
	for _, b := range r.blocks {
		s := sourced{b.label, renderedBlock(b), b.file}
		g := out[b.spec.name]
		if b.spec.label == labelNone {
			g.single = s
		} else {
			g.byLabel = append(g.byLabel, s)
		}
		out[b.spec.name] = g
	}
	return out
}

// renderedBlock is a block as the JSON form shows it. Dependencies have always
// been shown with fields of their own.
func renderedBlock(b *block) cty.Value {
	if b.spec.name != "dependency" {
		return b.value()
	}
	attrs := b.value().AsValueMap()
	attrs["skip"] = attrs["skip_outputs"]
	delete(attrs, "skip_outputs")
	delete(attrs, "expansion")
	attrs["inputs"], attrs["outputs"] = cty.NullVal(cty.DynamicPseudoType), cty.NullVal(cty.DynamicPseudoType)
	return cty.ObjectVal(attrs)
}

// jsonOf writes a value; what is not known is written as an empty string.
func jsonOf(v cty.Value) (json.RawMessage, error) {
	v, err := settled(v)
	if err != nil {
		return nil, err
	}
	b, err := ctyjson.Marshal(v, v.Type())
	return b, err
}

func settled(v cty.Value) (cty.Value, error) {
	v, _ = v.UnmarkDeep()
	if v.IsWhollyKnown() {
		return v, nil
	}
	return cty.Transform(v, func(_ cty.Path, x cty.Value) (cty.Value, error) {
		if !x.IsKnown() {
			return cty.StringVal(""), nil
		}
		return x, nil
	})
}

// HCL writes the configuration in native syntax: what is set, and nothing else.
func (r *Rendering) HCL() []byte {
	f := hclwrite.NewEmptyFile()
	body := f.Body()
	if len(r.locals) > 0 {
		writeSourced(body.AppendNewBlock("locals", nil).Body(), r.locals)
		body.AppendNewline()
	}
	for _, b := range r.blocks {
		writeBlock(body, b)
		body.AppendNewline()
	}
	writeSourced(body, r.tops)
	if len(r.inputs) > 0 {
		values := map[string]cty.Value{}
		for _, s := range r.inputs {
			values[s.name] = s.value
		}
		if v, err := settled(cty.ObjectVal(values)); err == nil {
			body.SetAttributeValue("inputs", v)
		}
	}
	return hclwrite.Format(f.Bytes())
}

func writeSourced(body *hclwrite.Body, list []sourced) {
	for _, s := range list {
		if v, err := settled(s.value); err == nil && hclsyntax.ValidIdentifier(s.name) {
			body.SetAttributeValue(s.name, v)
		}
	}
}

func writeBlock(body *hclwrite.Body, b *block) {
	var labels []string
	if b.spec.label != labelNone {
		labels = []string{b.label}
	}
	inner := body.AppendNewBlock(b.spec.name, labels).Body()
	for _, a := range b.spec.attrs {
		v, ok := b.attrs[a.name]
		if !ok {
			continue
		}
		if v, err := settled(v); err == nil {
			inner.SetAttributeValue(a.name, v)
		}
	}
	for _, nested := range b.blocks {
		writeBlock(inner, nested)
	}
}
