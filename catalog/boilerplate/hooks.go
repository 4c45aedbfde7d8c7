package boilerplate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/shell"
)

// pendingHook is one that runs when all files are written.
type pendingHook struct {
	page *page
	hook Hook
}

// Finish runs the hooks that come after rendering, those of dependencies
// first. The files must have been written.
func (e *Engine) Finish(ctx context.Context, r *Result) error {
	for _, h := range r.after {
		p := *h.page
		p.ctx = ctx
		if err := p.hook(h.hook); err != nil {
			return &TemplateError{p.job.URL, err}
		}
	}
	return nil
}

func (p *page) hooks(list []Hook) error {
	for _, h := range list {
		if err := p.hook(h); err != nil {
			return err
		}
	}
	return nil
}

// hook runs one program, in the folder of the template if it names no other.
func (p *page) hook(h Hook) error {
	if p.engine.o.NoHooks {
		p.engine.log.Debug("hooks are turned off", "command", h.Command)
		return nil
	}
	skip, err := p.holds(h.Skip, false)
	if err != nil || skip {
		return err
	}
	words, err := p.all("hook", append([]string{h.Command}, h.Args...))
	if err != nil {
		return err
	}
	c := shell.Cmd{Path: words[0], Args: words[1:], Dir: p.job.Dir, Env: slices.Clone(p.engine.o.Env)}
	for _, name := range slices.Sorted(maps.Keys(h.Env)) {
		pair, err := p.all("hook", []string{name, h.Env[name]})
		if err != nil {
			return err
		}
		c.Env = append(c.Env, pair[0]+"="+pair[1])
	}
	if h.Dir != "" {
		dir, err := p.text("hook", h.Dir)
		if err != nil {
			return err
		}
		c.Dir = p.path(dir)
	}
	echo := p.engine.o.Echo
	if echo == nil {
		echo = io.Discard
	}
	c.Stdout, c.Stderr = echo, echo
	_, err = p.run("hook", c)
	return err
}

// all renders several texts.
func (p *page) all(name string, list []string) ([]string, error) {
	out := make([]string, len(list))
	for i, s := range list {
		var err error
		if out[i], err = p.text(name, s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// shellOutput is the helper `shell`: what a program prints. Words of the form
// ENV:NAME=VALUE set variables for it.
func (p *page) shellOutput(words ...string) (string, error) {
	if p.engine.o.NoShell {
		p.engine.log.Debug("commands in templates are turned off", "command", strings.Join(words, " "))
		return "replace-me", nil
	}
	c := shell.Cmd{Dir: p.here(), Env: slices.Clone(p.engine.o.Env)}
	var plain []string
	for _, w := range words {
		if pair, ok := strings.CutPrefix(w, "ENV:"); ok {
			c.Env = append(c.Env, pair)
			continue
		}
		plain = append(plain, w)
	}
	if len(plain) == 0 {
		return "", errors.New("shell needs a command")
	}
	c.Path, c.Args = plain[0], plain[1:]
	var out bytes.Buffer
	c.Stdout = &out
	ran, err := p.run("command of a template", c)
	if err == nil && !ran {
		return "replace-me", nil
	}
	return out.String(), err
}

// RefusedError says that nobody was there to allow a program.
type RefusedError struct{ What, Command string }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s %q was not run: nobody can be asked whether it may. Allow all with --non-interactive, or leave them out with --no-hooks and --no-shell", e.What, e.Command)
}

// run runs a program that may be run, and says whether it did.
func (p *page) run(what string, c shell.Cmd) (bool, error) {
	command := strings.Join(append([]string{c.Path}, c.Args...), " ")
	ok, err := p.engine.allowed(p.ctx, what, command)
	if err != nil || !ok {
		return false, err
	}
	if err := p.engine.o.Exec.Run(p.ctx, c); err != nil {
		return true, fmt.Errorf("%s %q: %w", what, command, err)
	}
	return true, nil
}

// allowed asks whether a program may be run, once for each.
func (e *Engine) allowed(ctx context.Context, what, command string) (bool, error) {
	if e.o.AssumeYes || e.all {
		return true, nil
	}
	if answer, known := e.confirmed[command]; known {
		return answer, nil
	}
	if e.o.Asker == nil {
		return false, &RefusedError{what, command}
	}
	answer, err := e.o.Asker.Confirm(ctx, fmt.Sprintf("Run the %s %q?", what, command))
	if err != nil {
		return false, err
	}
	e.all = answer == All
	e.confirmed[command] = answer != No
	return answer != No, nil
}
