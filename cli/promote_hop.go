package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/promote"
)

// promotion is one call of `promote`, which may go through several
// environments.
type promotion struct {
	*session
	want promoteOptions
	repo *live.Git
	root string // of the live repository
	file *live.File
	id   string // the same in all environments
}

// hop is the way into one environment.
type hop struct {
	*promotion
	from, to *live.Environment // from is nil for a release
	layout   *live.Layout
	snapshot *promote.Snapshot
	moves    []move
	plan     *promote.Plan
	commit   string // with the edit; "" while there is none
	branch   string // of --pr
	verified bool
	bundle   string // folder
	digest   string // of the bundle's manifest
	applied  bool
	checks   []string // that have passed
}

// move is one unit on its way to another version.
type move struct {
	live.Place
	Dir           string
	Before, After live.Pin
}

func (m move) String() string {
	return fmt.Sprintf("%s %s -> %s", m.Slot, m.Before.Version, m.After.Version)
}

// waitError says that a person has to do something before the command can go
// on.
type waitError struct{ What string }

func (e *waitError) Error() string { return e.What }

// newPromotion finds the live repository around the working folder.
func newPromotion(ctx context.Context, s *session, o promoteOptions) (*promotion, error) {
	p := &promotion{session: s, want: o, id: o.Continue}
	var err error
	if p.repo, err = live.OpenGit(ctx, s.inv.Global.WorkingDir, s.git); err != nil {
		return nil, err
	}
	dir, err := filepath.EvalSymlinks(s.inv.Global.WorkingDir)
	if err != nil {
		return nil, err
	}
	p.root = live.FindRoot(dir, p.repo.Root())
	if p.file, err = live.Load(p.root); err != nil {
		return nil, err
	}
	if s.inv.Values.Bool("fetch") {
		if err := p.fetch(ctx); err != nil {
			return nil, err
		}
	}
	if p.id == "" {
		p.id = strings.ToLower(rand.Text()[:8])
	}
	return p, nil
}

// fetch brings the branches up to date that decide who may change what.
func (p *promotion) fetch(ctx context.Context) error {
	var branches []string
	for _, e := range p.file.Environments {
		for _, b := range e.Branches {
			if !strings.ContainsAny(b, "*?[") && !slices.Contains(branches, b) {
				branches = append(branches, b)
			}
		}
	}
	return p.repo.Fetch(ctx, branches...)
}

// environment finds one by its name.
func (p *promotion) environment(flag, name string) (*live.Environment, error) {
	if e := p.file.Environment(name); e != nil {
		return e, nil
	}
	have := "there are none: write a terrace.hcl, or name the top folders dev, stage and prod"
	if names := p.file.Names(); len(names) > 0 {
		have = "there are " + strings.Join(names, ", ")
	}
	return nil, &usageError{fmt.Sprintf("%s %s: there is no such environment in %s; %s", flag, name, p.shownPath(p.root), have)}
}

// evaluate takes a snapshot of the whole repository.
func (h *hop) evaluate(ctx context.Context) error {
	load := h.overlaid
	r := &promote.Repository{
		Root: h.repo.Root(), Discover: h.discoverOptions(), Loader: load,
		Preview: &configstack.Previewer{Loader: load, Store: h.store, SourceMap: h.opts.Source.Map, Env: h.inv.Env, NoCatalog: h.opts.Source.NoCAS},
	}
	var err error
	if h.snapshot, err = r.Snapshot(ctx); err != nil {
		return err
	}
	for _, problem := range h.snapshot.StackProblems() {
		h.log.Warn("The units of a stack that cannot be evaluated are not known: " + problem.Error())
	}
	var paths []string
	for _, u := range h.snapshot.Units() {
		if rel, err := filepath.Rel(h.root, u.Dir); err == nil && filepath.IsLocal(rel) {
			paths = append(paths, filepath.ToSlash(rel))
		}
	}
	h.layout, err = h.file.Assign(paths)
	return err
}

// overlaid makes a Loader that sees texts before files. It says nothing: what
// there is to warn of is said when the units are planned.
func (s *session) overlaid(texts map[string][]byte) *config.Loader {
	return config.NewLoader(s.runner, config.Options{
		Command: "plan", Args: []string{"plan"}, DownloadDir: s.opts.Unit.DownloadDir, Features: s.opts.Unit.Features, ToolVersion: compatVersion,
		Mocks: config.MockPolicy{Never: true}, DeepMerge: s.inv.Global.Experiments.Enabled("deep-merge"), Overlay: texts,
	})
}

// dirOf is the folder of a unit.
func (h *hop) dirOf(p live.Place) string { return filepath.Join(h.root, filepath.FromSlash(p.Path)) }

// title names the hop to people.
func (h *hop) title() string {
	switch {
	case h.from != nil:
	case len(h.moves) > 0: // taken up again
		return h.subject()
	default:
		return fmt.Sprintf("%s into %s", h.want.Version, h.to.Name)
	}
	return fmt.Sprintf("%s to %s", h.from.Name, h.to.Name)
}

func (p *promotion) out() io.Writer { return p.console.Stdout() }

// say prints one line of what a step has done: its name and the rest.
func (p *promotion) say(step, format string, args ...any) {
	fmt.Fprintf(p.out(), "%-11s %s\n", step, fmt.Sprintf(format, args...))
}

// also prints a line that belongs to the one before it.
func (p *promotion) also(format string, args ...any) {
	fmt.Fprintf(p.out(), "            %s\n", fmt.Sprintf(format, args...))
}

// where shows a place written in terrace.hcl.
func (p *promotion) where(r live.Range) string {
	if r.Line == 0 {
		return p.shownPath(p.file.Path)
	}
	return fmt.Sprintf("%s:%d", p.shownPath(r.File), r.Line)
}
