package boilerplate

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
)

// dependency renders a template that another one builds on, once or for each
// of a list.
func (e *Engine) dependency(p *page, d Dependency, s scope, to *Result, depth int) error {
	rounds, err := p.rounds(d)
	if err != nil {
		return err
	}
	for _, each := range rounds {
		inner := *p
		inner.vars = maps.Clone(p.vars)
		if each != nil {
			inner.vars["__each__"] = each
		}
		if err := e.oneDependency(&inner, d, s, to, depth); err != nil {
			return err
		}
	}
	return nil
}

// rounds lists the values to render a dependency for; one that is nil for a
// dependency that is no loop.
func (p *page) rounds(d Dependency) ([]any, error) {
	switch {
	case d.ForEachReference != "":
		x, ok := p.vars[d.ForEachReference]
		if !ok {
			return nil, fmt.Errorf("for_each_reference: there is no variable %s", d.ForEachReference)
		}
		list, ok := x.([]any)
		if !ok {
			return nil, fmt.Errorf("for_each_reference: variable %s is not a list", d.ForEachReference)
		}
		return list, nil
	case d.ForEach != nil:
		x, err := p.deep(d.ForEach)
		if err != nil {
			return nil, err
		}
		return x.([]any), nil
	}
	return []any{nil}, nil
}

func (e *Engine) oneDependency(p *page, d Dependency, s scope, to *Result, depth int) error {
	skip, err := p.holds(d.Skip, false)
	if err != nil || skip {
		return err
	}
	url, err := p.text("template-url", d.TemplateURL)
	if err != nil {
		return err
	}
	output, err := p.text("output-folder", d.OutputFolder)
	if err != nil {
		return err
	}
	if wanted, err := e.wanted(p, d.Name); err != nil || !wanted {
		return err
	}
	dir, err := e.templateDir(p, url)
	if err != nil {
		return err
	}
	if !filepath.IsAbs(output) {
		output = filepath.Join(p.job.Output, filepath.FromSlash(output))
	}
	inner, err := p.scopeFor(d, s)
	if err != nil {
		return err
	}
	return e.render(p.ctx, Job{Dir: dir, URL: url, Output: output}, inner, to, depth+1)
}

// wanted asks whether a dependency is to be rendered.
func (e *Engine) wanted(p *page, name string) (bool, error) {
	if e.o.Asker == nil || e.o.AssumeYes || e.o.NoDependencyPrompt {
		return true, nil
	}
	answer, err := e.o.Asker.Confirm(p.ctx, "Include the dependency "+name+"?")
	if answer == All {
		e.o.NoDependencyPrompt = true
	}
	return answer != No, err
}

// templateDir finds the folder of a template: a path starts at the template
// that names it.
func (e *Engine) templateDir(p *page, url string) (string, error) {
	local := filepath.FromSlash(url)
	if !filepath.IsAbs(local) {
		local = filepath.Join(p.job.Dir, local)
	}
	if isDir(local) {
		return local, nil
	}
	if strings.HasPrefix(url, ".") || filepath.IsAbs(url) || e.o.Fetch == nil {
		return "", fmt.Errorf("there is no folder %s", local)
	}
	return e.o.Fetch(p.ctx, url)
}

// scopeFor gathers what a dependency is given: what the user gave for it by
// its name, what the user gave, its files of values, its own variables, and
// what the template above holds.
func (p *page) scopeFor(d Dependency, s scope) (scope, error) {
	out := scope{given: map[string]any{}, inherited: map[string]any{}}
	if !d.DontInherit {
		maps.Copy(out.inherited, p.vars)
		maps.Copy(out.given, s.given)
	}
	if each, ok := p.vars["__each__"]; ok {
		out.inherited["__each__"] = each
	}
	for _, v := range d.Variables {
		if v.Reference != "" {
			x, ok := p.vars[v.Reference]
			if !ok {
				return out, fmt.Errorf("variable %s refers to %s, which has no value", v.Name, v.Reference)
			}
			out.inherited[v.Name] = x
		} else if v.HasDefault() {
			x, err := p.defaultValue(&v.Default)
			if err != nil {
				return out, fmt.Errorf("variable %s: %w", v.Name, err)
			}
			out.inherited[v.Name] = x
		}
	}
	for _, name := range d.VarFiles {
		path, err := p.text("var_files", name)
		if err != nil {
			return out, err
		}
		values, err := ReadVarFile(p.path(path))
		if err != nil {
			return out, err
		}
		maps.Copy(out.inherited, values)
	}
	for name, x := range s.given {
		if rest, ok := strings.CutPrefix(name, d.Name+"."); ok {
			out.given[rest] = x
		}
	}
	return out, nil
}
