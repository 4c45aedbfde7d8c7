package catalog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// Variable is an input that a module declares. Templates read its fields.
type Variable struct {
	Name        string
	Description string
	Type        string // only the outermost word: map of map(string)
	// DefaultValue is JSON, "" where the variable must be set.
	DefaultValue            string
	DefaultValuePlaceholder string // an expression of the type that says nothing yet
	UserValue               string // an expression, "" while nobody gave one

	FullType  string // as written
	Sensitive bool
}

// Required says that a module cannot be used without a value.
func (v *Variable) Required() bool { return v.DefaultValue == "" }

// ModuleError is what is wrong with the files of a module.
type ModuleError struct {
	Dir string
	Err error
}

func (e *ModuleError) Error() string { return fmt.Sprintf("module %s: %v", e.Dir, e.Err) }
func (e *ModuleError) Unwrap() error { return e.Err }

// ModuleVariables reads the variable blocks of the files in a folder, in the
// order of the files' names and of the blocks in them. Overrides and .tofu
// files that stand in for .tf files count as they do for the wrapped binary.
func ModuleVariables(dir string) ([]*Variable, error) {
	files, err := moduleFiles(dir)
	if err != nil {
		return nil, &ModuleError{dir, err}
	}
	byName := map[string]*Variable{}
	var out []*Variable
	for _, name := range files {
		list, err := variablesIn(filepath.Join(dir, name))
		if err != nil {
			return nil, &ModuleError{dir, err}
		}
		for _, v := range list {
			if old := byName[v.Name]; old != nil {
				old.override(v)
				continue
			}
			byName[v.Name] = v
			out = append(out, v)
		}
	}
	return out, nil
}

// moduleFiles lists the files of a module, those that override others last.
func moduleFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for _, e := range entries {
		if !e.IsDir() && isModuleFile(e.Name()) && !strings.HasPrefix(e.Name(), ".") {
			all[e.Name()] = true
		}
	}
	var out []string
	for name := range all {
		if !all[tofuTwin(name)] {
			out = append(out, name)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if a, b := isOverride(out[i]), isOverride(out[j]); a != b {
			return b
		}
		return out[i] < out[j]
	})
	return out, nil
}

// tofuTwin is the file that OpenTofu reads instead of a .tf file.
func tofuTwin(name string) string {
	if base, ok := strings.CutSuffix(name, ".tf"); ok {
		return base + ".tofu"
	}
	if base, ok := strings.CutSuffix(name, ".tf.json"); ok {
		return base + ".tofu.json"
	}
	return ""
}

func isOverride(name string) bool {
	base := strings.TrimSuffix(name, ".json")
	base = strings.TrimSuffix(base, filepath.Ext(base))
	return base == "override" || strings.HasSuffix(base, "_override")
}

func (v *Variable) override(by *Variable) {
	if by.Description != "" {
		v.Description = by.Description
	}
	if by.FullType != "" {
		v.Type, v.FullType, v.DefaultValuePlaceholder = by.Type, by.FullType, by.DefaultValuePlaceholder
	}
	if by.DefaultValue != "" {
		v.DefaultValue = by.DefaultValue
	}
	v.Sensitive = v.Sensitive || by.Sensitive
}

func variablesIn(path string) ([]*Variable, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f *hcl.File
	var diags hcl.Diagnostics
	isJSON := strings.HasSuffix(path, ".json")
	if isJSON {
		f, diags = json.Parse(src, path)
	} else {
		f, diags = hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	}
	if diags.HasErrors() {
		return nil, firstError(diags)
	}
	content, _, diags := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "variable", LabelNames: []string{"name"}}}})
	if diags.HasErrors() {
		return nil, firstError(diags)
	}
	var out []*Variable
	for _, b := range content.Blocks {
		v, err := variableOf(b, src, isJSON)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func firstError(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil {
			return fmt.Errorf("%s:%d: %s: %s", filepath.Base(d.Subject.Filename), d.Subject.Start.Line, strings.ToLower(d.Summary), d.Detail)
		}
	}
	return errors.New(diags.Error())
}

func variableOf(b *hcl.Block, src []byte, isJSON bool) (*Variable, error) {
	content, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "description"}, {Name: "type"}, {Name: "default"}, {Name: "sensitive"}}})
	v := &Variable{Name: b.Labels[0]}
	v.Description, _ = literal(content.Attributes["description"])
	if a := content.Attributes["type"]; a != nil {
		v.FullType = typeText(a.Expr, src, isJSON)
	}
	v.Type, _, _ = strings.Cut(v.FullType, "(")
	v.Type = strings.TrimSpace(v.Type)
	if a := content.Attributes["sensitive"]; a != nil {
		on, diags := a.Expr.Value(nil)
		v.Sensitive = !diags.HasErrors() && on.Type() == cty.Bool && on.IsKnown() && !on.IsNull() && on.True()
	}
	if a := content.Attributes["default"]; a != nil {
		text, err := defaultText(a.Expr)
		if err != nil {
			return nil, fmt.Errorf("variable %q: %w", v.Name, err)
		}
		v.DefaultValue = text
	}
	v.DefaultValuePlaceholder = placeholder(v.Type)
	return v, nil
}

// literal gives an attribute's text.
func literal(a *hcl.Attribute) (string, bool) {
	if a == nil {
		return "", false
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}

// typeText is a type as it is written. In JSON, and in old modules, it is a
// text.
func typeText(e hcl.Expression, src []byte, isJSON bool) string {
	if text, ok := literal(&hcl.Attribute{Expr: e}); ok && (isJSON || len(e.Variables()) == 0) {
		return text
	}
	return strings.TrimSpace(string(e.Range().SliceBytes(src)))
}

func defaultText(e hcl.Expression) (string, error) {
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		return "", firstError(diags)
	}
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return "", err
	}
	return plainJSON(text), nil
}

// plainJSON undoes the escapes that only web pages need.
func plainJSON(text []byte) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		if code := string(text[i:min(i+6, len(text))]); code == `\u003c` || code == `\u003e` || code == `\u0026` {
			b.WriteByte(map[string]byte{`\u003c`: '<', `\u003e`: '>', `\u0026`: '&'}[code])
			i += 5
			continue
		}
		b.Write(text[i : i+2])
		i++
	}
	return b.String()
}

// placeholder is an expression of a type that says nothing yet.
func placeholder(typ string) string {
	switch typ {
	case "number":
		return "0"
	case "bool":
		return "false"
	case "list", "set", "tuple":
		return "[]"
	case "map", "object":
		return "{}"
	}
	return `""`
}
