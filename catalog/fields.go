package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/terrace-iac/terrace/catalog/boilerplate"
)

// Field is something that a person can be asked for before a folder is
// scaffolded.
type Field struct {
	Name        string
	Description string
	Type        string
	Options     []string // the only values, none for any
	Default     string   // what holds when nothing is said
	Required    bool
	Sensitive   bool
}

// Fields lists what can be set: the variables of a template, the variables of a
// module and the values of a unit or stack. What was given already is left out.
func (p *Plan) Fields() []Field {
	var out []Field
	if p.config != nil {
		for _, v := range p.config.Variables {
			if _, ok := p.given[v.Name]; !ok && v.Reference == "" {
				out = append(out, Field{Name: v.Name, Description: v.Description, Type: v.Type, Options: v.Options, Default: v.DefaultText(), Required: !v.HasDefault()})
			}
		}
	}
	for _, v := range p.variables {
		if v.UserValue == "" {
			out = append(out, Field{Name: v.Name, Description: v.Description, Type: v.FullType, Default: v.DefaultValue, Required: v.Required(), Sensitive: v.Sensitive})
		}
	}
	for _, v := range p.values {
		out = append(out, Field{Name: v.Name, Default: v.Fallback, Required: v.Required})
	}
	return out
}

// Check says what is wrong with a text for a field, without setting it.
func (p *Plan) Check(name, text string) error {
	return p.assign(name, text, func(string) {})
}

// Set gives a field its value, as a person typed it.
func (p *Plan) Set(name, text string) error {
	if v := p.templateVariable(name); v != nil {
		if err := v.Check(text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		p.given[name] = text
		return nil
	}
	return p.assign(name, text, func(expression string) {
		for _, v := range p.variables {
			if v.Name == name {
				v.UserValue = expression
			}
		}
		for _, v := range p.values {
			if v.Name == name {
				v.UserValue = expression
			}
		}
	})
}

// Fill gives fields the values that a person chose, having seen all of them:
// what is not among the values keeps its default, and is not asked for again.
func (p *Plan) Fill(values map[string]string) error {
	p.seen = true
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := p.Set(name, values[name]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) templateVariable(name string) *boilerplate.Variable {
	if p.config == nil {
		return nil
	}
	for i, v := range p.config.Variables {
		if v.Name == name {
			return &p.config.Variables[i]
		}
	}
	return nil
}

func (p *Plan) assign(name, text string, set func(expression string)) error {
	if v := p.templateVariable(name); v != nil {
		return v.Check(text)
	}
	typ := ""
	for _, v := range p.variables {
		if v.Name == name {
			typ = v.Type
		}
	}
	expression, err := Expression(typ, text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	set(expression)
	return nil
}

func yamlToJSON(x any) (string, error) {
	out, err := json.Marshal(x)
	return plainJSON(out), err
}
