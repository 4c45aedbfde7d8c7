package boilerplate

import (
	"maps"
	"os"
	"strings"
	"text/template"
)

// functions are those that a template can call. Where Boilerplate and Sprig
// give one name two meanings, Boilerplate's holds; Sprig's has another name.
func (p *page) functions(t *template.Template) template.FuncMap {
	all := textFunctions()
	maps.Copy(all, dataFunctions())
	maps.Copy(all, numberFunctions())
	maps.Copy(all, encodingFunctions())
	maps.Copy(all, template.FuncMap{
		"templateFolder":    func() string { return p.job.Dir },
		"templateUrl":       func() string { return p.job.URL },
		"outputFolder":      func() string { return p.job.Output },
		"vars":              func() map[string]any { return p.vars },
		"shell":             p.shellOutput,
		"include":           p.include,
		"snippet":           p.snippet,
		"pathExists":        func(path string) bool { _, err := os.Stat(p.path(path)); return err == nil },
		"templateIsDefined": func(name string) bool { return t.Lookup(name) != nil },
		"env":               p.envWithDefault,
		"envWithDefault":    p.envWithDefault,
		"readEnv":           func(name string) string { return p.envWithDefault(name, "") },
		"fail":              fail,
	})
	return all
}

// include renders another file with the values given.
func (p *page) include(path string, values any) (string, error) {
	path = p.path(path)
	src, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	vars, ok := values.(map[string]any)
	if !ok {
		vars = map[string]any{}
	}
	inner := p.with(vars)
	inner.file = path
	return inner.execute(path, string(src))
}

// snippetMark stands on the lines around a snippet.
const snippetMark = "boilerplate-snippet:"

// snippet gives a file as it is, or the part of it between two marks.
func (p *page) snippet(path string, name ...string) (string, error) {
	src, err := os.ReadFile(p.path(path))
	if err != nil {
		return "", err
	}
	if len(name) == 0 {
		return strings.TrimRight(string(src), "\n"), nil
	}
	var lines []string
	open, found := false, false
	for line := range strings.Lines(string(src)) {
		if _, label, ok := strings.Cut(line, snippetMark); ok && firstWord(label) == name[0] {
			open, found = !open, true
			continue
		}
		if open {
			lines = append(lines, line)
		}
	}
	if !found {
		return "", errNoSnippet
	}
	return strings.TrimRight(strings.Join(lines, ""), "\n"), nil
}

func firstWord(text string) string {
	if words := strings.Fields(text); len(words) > 0 {
		return words[0]
	}
	return ""
}

func (p *page) envWithDefault(name, fallback string) string {
	if x, ok := lookupEnv(p.engine.o.Env, name); ok && x != "" {
		return x
	}
	return fallback
}

// lookupEnv finds a variable; the last of two counts, as for processes.
func lookupEnv(env []string, name string) (string, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if x, ok := strings.CutPrefix(env[i], name+"="); ok {
			return x, true
		}
	}
	return "", false
}
