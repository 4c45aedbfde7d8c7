package boilerplate

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// NoValueError says that a variable has no value and nobody can be asked.
type NoValueError struct{ Name, Description string }

func (e *NoValueError) Error() string {
	what := ""
	if e.Description != "" {
		what = " (" + e.Description + ")"
	}
	return fmt.Sprintf("variable %s%s has no value: set it with --var %s=VALUE or in a --var-file", e.Name, what, e.Name)
}

// values finds a value for each variable of a template. A default that names a
// variable which stands further down waits for it.
func (e *Engine) values(p *page, c *Config, s scope) (map[string]any, error) {
	p.vars = maps.Clone(s.inherited)
	if p.vars == nil {
		p.vars = map[string]any{}
	}
	maps.Copy(p.vars, s.given)
	open := ordered(c.Variables)
	for len(open) > 0 {
		var later []Variable
		var first error
		for _, v := range open {
			value, err := e.value(p, v, s)
			var wait *waitError
			if errors.As(err, &wait) {
				later = append(later, v)
				if first == nil {
					first = fmt.Errorf("variable %s: %w", v.Name, wait.err)
				}
				continue
			}
			if err != nil {
				return nil, err
			}
			p.vars[v.Name] = value
		}
		if len(later) == len(open) {
			return nil, first
		}
		open = later
	}
	return p.vars, nil
}

// waitError says that a value may be found once others are.
type waitError struct{ err error }

func (w *waitError) Error() string { return w.err.Error() }

// value finds the value of one variable: what was given, what the environment
// says, what is inherited, what another variable holds, what a person answers,
// and the default.
func (e *Engine) value(p *page, v Variable, s scope) (any, error) {
	named := func(x any) (any, error) {
		out, err := v.convert(x)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		return out, nil
	}
	if x, ok := s.given[v.Name]; ok {
		return named(x)
	}
	if x, ok := lookupEnv(e.o.Env, "BOILERPLATE_"+v.Name); ok {
		return named(x)
	}
	if x, ok := s.inherited[v.Name]; ok {
		return named(x)
	}
	if v.Reference != "" {
		x, ok := p.vars[v.Reference]
		if !ok {
			return nil, &waitError{fmt.Errorf("it refers to %s, which has no value", v.Reference)}
		}
		return named(x)
	}
	var fallback any
	if v.HasDefault() {
		var err error
		if fallback, err = p.defaultValue(&v.Default); err != nil {
			return nil, &waitError{err}
		}
	}
	if e.o.Asker != nil && !e.o.AssumeYes && !(p.job.Seen && v.HasDefault()) {
		return e.ask(p, v, fallback)
	}
	if !v.HasDefault() {
		return nil, &NoValueError{v.Name, v.Description}
	}
	return named(fallback)
}

// ask asks until the answer is a value of the type.
func (e *Engine) ask(p *page, v Variable, fallback any) (any, error) {
	q := Question{Variable: v, Optional: v.HasDefault()}
	if v.HasDefault() {
		q.Default = typed(fallback)
	}
	for {
		answer, err := e.o.Asker.Ask(p.ctx, q)
		if err != nil {
			return nil, err
		}
		if answer == "" && q.Optional {
			return v.convert(fallback)
		}
		value, err := v.convert(answer)
		if err == nil {
			return value, nil
		}
		q.Problem = err.Error()
	}
}

// typed is a value as one would type it.
func typed(x any) string {
	switch x.(type) {
	case []any, map[string]any:
		n := &yaml.Node{}
		if n.Encode(x) == nil {
			n.Style = yaml.FlowStyle
			if out, err := yaml.Marshal(n); err == nil {
				return string(bytes.TrimSpace(out))
			}
		}
	case nil:
		return ""
	}
	return fmt.Sprint(x)
}

// defaultValue renders the templates in a default, wherever they stand in it.
func (p *page) defaultValue(n *yaml.Node) (any, error) {
	var raw any
	if err := n.Decode(&raw); err != nil {
		return nil, err
	}
	return p.deep(raw)
}

func (p *page) deep(x any) (any, error) {
	switch x := x.(type) {
	case string:
		return p.text("default", x)
	case []any:
		out := slices.Clone(x)
		for i := range out {
			var err error
			if out[i], err = p.deep(out[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, v := range x {
			value, err := p.deep(v)
			if err != nil {
				return nil, err
			}
			out[k] = value
		}
		return out, nil
	}
	return x, nil
}

// ReadVarFile reads the values of a YAML file.
func ReadVarFile(path string) (map[string]any, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	if err := yaml.Unmarshal(src, &out); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}
