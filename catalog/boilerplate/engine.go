package boilerplate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"

	"github.com/terrace-iac/terrace/shell"
)

// Question asks a person for the value of a variable.
type Question struct {
	Variable Variable
	Default  string // as it would be typed
	Optional bool   // an empty answer takes the default
	Problem  string // what was wrong with the answer before, "" the first time
}

// Answer to a request to run something.
type Answer int

// The answers.
const (
	No Answer = iota
	Yes
	All // and what comes after it too
)

// Asker puts questions to a person.
type Asker interface {
	Ask(ctx context.Context, q Question) (string, error)
	Confirm(ctx context.Context, what string) (Answer, error)
}

// Options of an Engine.
type Options struct {
	Asker     Asker // nil where nobody can be asked
	AssumeYes bool  // what would be asked about is done

	NoShell, NoHooks   bool // commands in templates give "replace-me"; hooks are left out
	NoDependencyPrompt bool

	// Fetch brings a template that is not a path to a folder.
	Fetch func(ctx context.Context, url string) (dir string, err error)
	Exec  shell.Executor
	Env   []string
	Echo  io.Writer // output of hooks
	Log   *slog.Logger
}

// Engine renders templates. What was confirmed for all is remembered as long
// as it lives.
type Engine struct {
	o         Options
	log       *slog.Logger
	confirmed map[string]bool // command -> answer
	all       bool
}

// New makes an Engine.
func New(o Options) *Engine {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Engine{o: o, log: log, confirmed: map[string]bool{}}
}

// Job is one template to render.
type Job struct {
	Dir    string // of the template, absolute
	URL    string // as the user knows it
	Output string // folder for the files, absolute
	// Given are values that no default and no question can change. "DEP.NAME"
	// gives the variable of a dependency.
	Given map[string]any
	Seen  bool // somebody has seen the defaults: only what has none is asked for
}

// File is one that a template makes. Text holds the whole of it.
type File struct {
	Path string // absolute
	Text []byte
	Mode fs.FileMode
}

// Result is what rendering a template gives.
type Result struct {
	Files []File
	after []pendingHook
}

// TemplateError says which template could not be rendered.
type TemplateError struct {
	Path string
	Err  error
}

func (e *TemplateError) Error() string { return fmt.Sprintf("template %s: %v", e.Path, e.Err) }
func (e *TemplateError) Unwrap() error { return e.Err }

// Render renders a template and those that it depends on. Hooks that run
// before rendering have run when it returns. Nothing is written.
func (e *Engine) Render(ctx context.Context, j Job) (*Result, error) {
	r := &Result{}
	if err := e.render(ctx, j, scope{given: j.Given}, r, 0); err != nil {
		return nil, err
	}
	return r, nil
}

// scope is what a template is given by those that depend on it.
type scope struct {
	given     map[string]any // by the user
	inherited map[string]any // by the template above: weaker than what is given
}

const maxDepth = 20

func (e *Engine) render(ctx context.Context, j Job, s scope, to *Result, depth int) error {
	if depth > maxDepth {
		return &TemplateError{j.URL, errors.New("its dependencies lead back to itself, or are nested more than 20 deep")}
	}
	c, err := ReadConfig(j.Dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return &TemplateError{j.URL, fmt.Errorf("there is no %s in it", ConfigFile)}
		}
		return err
	}
	if c.RequiredVersion != "" {
		e.log.Debug("the template asks for a version of Boilerplate, which is not looked at", "constraint", c.RequiredVersion)
	}
	p := &page{ctx: ctx, engine: e, job: j, config: c}
	if p.vars, err = e.values(p, c, s); err != nil {
		return &TemplateError{j.URL, err}
	}
	if err := p.hooks(c.Hooks.Before); err != nil {
		return &TemplateError{j.URL, err}
	}
	for _, d := range c.Dependencies {
		if err := e.dependency(p, d, s, to, depth); err != nil {
			return &TemplateError{j.URL, fmt.Errorf("dependency %s: %w", d.Name, err)}
		}
	}
	files, err := p.files()
	if err != nil {
		return &TemplateError{j.URL, err}
	}
	to.Files = append(to.Files, files...)
	for _, h := range c.Hooks.After {
		to.after = append(to.after, pendingHook{p, h})
	}
	return nil
}
