package boilerplate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/terrace-iac/terrace/catalog/glob"
)

// page is a template with its values, and where in it the renderer is.
type page struct {
	ctx    context.Context
	engine *Engine
	job    Job
	config *Config
	vars   map[string]any
	file   string // absolute path of the file being rendered, "" for boilerplate.yml
}

// here is the folder that paths in a file start from.
func (p *page) here() string {
	if p.file == "" {
		return p.job.Dir
	}
	return filepath.Dir(p.file)
}

// path makes a path of the template absolute.
func (p *page) path(text string) string {
	text = filepath.FromSlash(text)
	if filepath.IsAbs(text) {
		return text
	}
	return filepath.Join(p.here(), text)
}

// text renders one text.
func (p *page) text(name, text string) (string, error) {
	return p.with(p.vars).execute(name, text)
}

// with gives a page with other values.
func (p *page) with(vars map[string]any) *page {
	out := *p
	out.vars = vars
	return &out
}

func (p *page) execute(name, text string) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	t := template.New(name).Option("missingkey=error")
	t.Funcs(p.functions(t))
	if err := p.partials(t); err != nil {
		return "", err
	}
	if _, err := t.Parse(text); err != nil {
		return "", plainTemplateError(err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p.vars); err != nil {
		return "", plainTemplateError(err)
	}
	return out.String(), nil
}

// plainTemplateError drops the word that the library begins all messages with.
func plainTemplateError(err error) error {
	return &renderError{strings.TrimPrefix(err.Error(), "template: "), err}
}

type renderError struct {
	text string
	err  error
}

func (e *renderError) Error() string { return e.text }
func (e *renderError) Unwrap() error { return e.err }

// partials makes the templates of other files known. They belong to files, not
// to the texts of boilerplate.yml.
func (p *page) partials(t *template.Template) error {
	if p.file == "" {
		return nil
	}
	for _, pattern := range p.config.Partials {
		outside := *p
		outside.file = ""
		pattern, err := outside.text("partials", pattern)
		if err != nil {
			return err
		}
		found, err := filepath.Glob(outside.path(pattern))
		if err != nil {
			return fmt.Errorf("partials: %s: %w", pattern, err)
		}
		for _, path := range found {
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if _, err := t.New(filepath.Base(path)).Parse(string(src)); err != nil {
				return plainTemplateError(err)
			}
		}
	}
	return nil
}

// holds says whether a condition is true; one that is not there is absent.
func (p *page) holds(condition text, absent bool) (bool, error) {
	if condition == "" {
		return absent, nil
	}
	out, err := p.text("condition", string(condition))
	return strings.TrimSpace(out) == "true", err
}

// files renders all files of the template's folder, in the order of their
// paths.
func (p *page) files() ([]File, error) {
	skips, err := p.skips()
	if err != nil {
		return nil, err
	}
	var out []File
	err = filepath.WalkDir(p.job.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(p.job.Dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == ".terragrunt-cache" || d.Name() == ".terraform"):
			return fs.SkipDir
		case d.IsDir() || rel == ConfigFile || skips.match(rel):
			return nil
		}
		f, err := p.render(path, rel, d)
		if err != nil {
			return err
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

// render makes one file. Its name is a template too; binary files are copied.
func (p *page) render(path, rel string, d fs.DirEntry) (File, error) {
	if engine := p.otherEngine(rel); engine != "" {
		return File{}, fmt.Errorf("%s: the template engine %s is not supported: only Go templates are", rel, engine)
	}
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("%s is not a regular file", rel)
	}
	if d.Type()&fs.ModeSymlink != 0 && !inside(p.job.Dir, path) {
		return File{}, fmt.Errorf("%s is a link that leads out of the template", rel)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	inner := *p
	inner.file = path
	name, err := inner.text(rel, rel)
	if err != nil {
		return File{}, err
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return File{}, fmt.Errorf("%s would be written to %q, out of the output folder", rel, name)
	}
	f := File{Path: filepath.Join(p.job.Output, filepath.FromSlash(name)), Text: src, Mode: info.Mode().Perm()}
	if isBinary(src) {
		return f, nil
	}
	text, err := inner.execute(rel, string(src))
	f.Text = []byte(text)
	return f, err
}

// inside says whether a path, links followed, lies in a folder.
func inside(dir, path string) bool {
	realDir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(realDir, real)
	return err == nil && filepath.IsLocal(rel)
}

func isBinary(src []byte) bool {
	return bytes.IndexByte(src, 0) >= 0 || !utf8.Valid(src)
}

func (p *page) otherEngine(rel string) string {
	for _, e := range p.config.Engines {
		if re, err := glob.Compile(e.Path); err == nil && re.MatchString(rel) && e.Engine != "" && e.Engine != "go-template" {
			return e.Engine
		}
	}
	return ""
}

// skipper knows the files that are left out.
type skipper []func(rel string) bool

func (s skipper) match(rel string) bool {
	for _, skip := range s {
		if skip(rel) {
			return true
		}
	}
	return false
}

// skips evaluates the conditions of skip_files, each once.
func (p *page) skips() (skipper, error) {
	var out skipper
	for _, s := range p.config.SkipFiles {
		on, err := p.holds(s.If, true)
		if err != nil {
			return nil, fmt.Errorf("skip_files: %w", err)
		}
		if !on {
			continue
		}
		pattern, negative := s.Path, false
		if pattern == "" {
			pattern, negative = s.NotPath, true
		}
		if pattern, err = p.text("skip_files", pattern); err != nil {
			return nil, err
		}
		re, err := glob.Compile(strings.TrimPrefix(filepath.ToSlash(pattern), "./"))
		if err != nil {
			return nil, fmt.Errorf("skip_files: %s: %w", pattern, err)
		}
		out = append(out, func(rel string) bool { return re.MatchString(rel) != negative })
	}
	return out, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

var errNoSnippet = errors.New("there is no such snippet in the file")
