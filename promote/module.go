package promote

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

// Module is what a module declares to those who use it.
type Module struct {
	Required  []string          // variables without a default; sorted
	Optional  []string          // variables with one; sorted
	Outputs   []string          // sorted
	Providers map[string]string // the version constraints of required providers, "" for none
}

// ReadModule reads the module in a folder. What the binary would complain of
// is passed over: it will.
func ReadModule(dir string) (*Module, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	m := &Module{Providers: map[string]string{}}
	p := hclparse.NewParser()
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasSuffix(path, ".tf.json"), strings.HasSuffix(path, ".tofu.json"):
			f, _ := p.ParseJSONFile(path)
			m.take(f)
		case strings.HasSuffix(path, ".tf"), strings.HasSuffix(path, ".tofu"):
			f, _ := p.ParseHCLFile(path)
			m.take(f)
		}
	}
	for _, list := range []*[]string{&m.Required, &m.Optional, &m.Outputs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return m, nil
}

func (m *Module) take(f *hcl.File) {
	if f == nil {
		return
	}
	content, _, _ := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "variable", LabelNames: []string{"name"}}, {Type: "output", LabelNames: []string{"name"}}, {Type: "terraform"},
	}})
	for _, b := range content.Blocks {
		switch b.Type {
		case "variable":
			inside, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "default"}}})
			if inside.Attributes["default"] == nil {
				m.Required = append(m.Required, b.Labels[0])
			} else {
				m.Optional = append(m.Optional, b.Labels[0])
			}
		case "output":
			m.Outputs = append(m.Outputs, b.Labels[0])
		default:
			m.requirements(b.Body)
		}
	}
}

func (m *Module) requirements(body hcl.Body) {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "required_providers"}}})
	for _, b := range content.Blocks {
		attrs, _ := b.Body.JustAttributes()
		for name, a := range attrs {
			m.Providers[name] = constraint(a.Expr)
		}
	}
}

// constraint reads a provider's version from both forms in which it is
// written.
func constraint(expr hcl.Expression) string {
	if pairs, diags := hcl.ExprMap(expr); !diags.HasErrors() {
		for _, p := range pairs {
			if hcl.ExprAsKeyword(p.Key) == "version" {
				return plainText(p.Value)
			}
			if key, diags := p.Key.Value(nil); !diags.HasErrors() && key.Type() == cty.String && key.AsString() == "version" {
				return plainText(p.Value)
			}
		}
		return ""
	}
	return plainText(expr)
}

func plainText(expr hcl.Expression) string {
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

// Difference is what changes for those who use a module between two versions.
type Difference struct {
	AddedVariables   []string // with a default
	NewlyRequired    []string // that must be set now and need not have been before
	RemovedVariables []string
	NoLongerRequired []string
	AddedOutputs     []string
	RemovedOutputs   []string
	AddedProviders   []string
	RemovedProviders []string
	ChangedProviders []ProviderChange
}

// ProviderChange is a constraint that is another one.
type ProviderChange struct{ Name, Before, After string }

// Compare tells two versions of a module apart.
func Compare(before, after *Module) Difference {
	all := func(m *Module) []string { return slices.Concat(m.Required, m.Optional) }
	d := Difference{
		AddedVariables:   without(after.Optional, all(before)),
		NewlyRequired:    without(after.Required, before.Required),
		RemovedVariables: without(all(before), all(after)),
		NoLongerRequired: without(before.Required, after.Required),
		AddedOutputs:     without(after.Outputs, before.Outputs),
		RemovedOutputs:   without(before.Outputs, after.Outputs),
	}
	d.NoLongerRequired = without(d.NoLongerRequired, d.RemovedVariables)
	namesBefore, namesAfter := slices.Sorted(maps.Keys(before.Providers)), slices.Sorted(maps.Keys(after.Providers))
	d.AddedProviders, d.RemovedProviders = without(namesAfter, namesBefore), without(namesBefore, namesAfter)
	for _, name := range namesAfter {
		if old, ok := before.Providers[name]; ok && old != after.Providers[name] {
			d.ChangedProviders = append(d.ChangedProviders, ProviderChange{name, old, after.Providers[name]})
		}
	}
	return d
}

// Empty says that nothing changes for who uses the module.
func (d Difference) Empty() bool {
	for _, list := range [][]string{d.AddedVariables, d.NewlyRequired, d.RemovedVariables, d.NoLongerRequired, d.AddedOutputs, d.RemovedOutputs, d.AddedProviders, d.RemovedProviders} {
		if len(list) > 0 {
			return false
		}
	}
	return len(d.ChangedProviders) == 0
}

func without(list, other []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(other, s) {
			out = append(out, s)
		}
	}
	return out
}
