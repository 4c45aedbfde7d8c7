package cli

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/terrace-iac/terrace/catalog"
	"github.com/terrace-iac/terrace/source"
	"github.com/terrace-iac/terrace/ui/tui"
)

// noRepositories is what the catalog shows where there is nothing to browse.
const noRepositories = `Welcome to the catalog. There is no repository to browse yet.

Name some in the root file (root.hcl):

    catalog {
      urls = ["github.com/acme/modules", "../modules"]
    }

or name one here:

    ` + progName + ` catalog github.com/acme/modules

Units below this folder whose sources are repositories are found by themselves.
`

func (s *session) screen() tui.Screen {
	return tui.Screen{In: s.inv.Stdin, Out: s.inv.Stdout, Env: s.inv.Env, NoColor: !bool(s.console.StdoutStyle())}
}

// browse shows the components of repositories while they are found, and
// scaffolds the one that is chosen.
func (w *workshop) browse(ctx context.Context, f *catalog.Finder, urls []string) error {
	b := &browsing{workshop: w, plans: map[int]*catalog.Plan{}}
	c := tui.Catalog{Tabs: []string{"All", "Templates", "Stacks", "Units", "Modules"}, Form: b.form, Empty: noRepositories}
	if len(urls) > 0 {
		c.Load = func(ctx context.Context, add func(tui.Entry)) error { return b.load(ctx, f, urls, add) }
	}
	release := w.console.Hold()
	choice, err := w.screen().Browse(ctx, c)
	release()
	switch {
	case err != nil:
		return err
	case choice.Entry < 0:
		return choice.Err
	}
	return b.scaffold(ctx, choice)
}

// browsing is a catalog on the screen: one goroutine finds components, another
// opens the forms of those that are known.
type browsing struct {
	*workshop
	mu         sync.Mutex // guards the fields below
	components []*catalog.Component
	plans      map[int]*catalog.Plan // of entries whose form was opened
}

func (b *browsing) add(c *catalog.Component) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.components = append(b.components, c)
}

// source is the address of an entry.
func (b *browsing) source(entry int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.components[entry].ComponentSource()
}

// near names a folder of this machine by the way to it: units with such a
// source work in other checkouts too. What was typed stays as it was typed.
func (b *browsing) near(raw string) string {
	root, sub := source.SplitSubdir(raw)
	if len(b.inv.Args) > 0 || !filepath.IsAbs(root) {
		return raw
	}
	rel, err := filepath.Rel(b.inv.Global.WorkingDir, root)
	if err != nil {
		return raw
	}
	rel = "./" + filepath.ToSlash(rel)
	if sub != "" {
		rel += "//" + sub
	}
	return rel
}

// plan gives the plan of an entry, making it the first time.
func (b *browsing) plan(ctx context.Context, entry int) (*catalog.Plan, error) {
	b.mu.Lock()
	p := b.plans[entry]
	b.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := b.maker.Plan(ctx, b.request(b.near(b.source(entry)), ""))
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.plans[entry] = p
	return p, nil
}

// load finds the components of all repositories. It is an error when all fail.
func (b *browsing) load(ctx context.Context, f *catalog.Finder, urls []string, add func(tui.Entry)) error {
	var failed []error
	for _, url := range urls {
		err := f.Find(ctx, url, func(c *catalog.Component) bool {
			b.add(c)
			add(entryOf(c))
			return ctx.Err() == nil
		})
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) == len(urls) {
		return errors.Join(failed...)
	}
	for _, err := range failed {
		b.log.Error(err.Error())
	}
	return nil
}

func entryOf(c *catalog.Component) tui.Entry {
	e := tui.Entry{Title: c.Title, Kind: string(c.Kind), Description: c.Description, Place: c.ComponentSource(), Version: c.Version, Doc: c.Doc}
	for kind, tab := range map[catalog.Kind]string{catalog.Template: "Templates", catalog.Stack: "Stacks", catalog.Unit: "Units", catalog.Module: "Modules"} {
		if c.Listed(kind) {
			e.Tabs = append(e.Tabs, tab)
		}
	}
	return e
}

// form plans an entry and gives what it asks for.
func (b *browsing) form(ctx context.Context, entry int) (tui.Form, error) {
	p, err := b.plan(ctx, entry)
	if err != nil {
		return tui.Form{}, err
	}
	return formOf(p, b.source(entry)), nil
}

func formOf(p *catalog.Plan, source string) tui.Form {
	f := tui.Form{Title: "Scaffold " + source, Check: p.Check}
	for _, x := range p.Fields() {
		f.Fields = append(f.Fields, tui.Field{Name: x.Name, Description: x.Description, Type: x.Type, Options: x.Options, Default: x.Default, Required: x.Required, Hidden: x.Sensitive})
	}
	return f
}

func (b *browsing) scaffold(ctx context.Context, choice tui.Choice) error {
	p, err := b.plan(ctx, choice.Entry)
	if err != nil {
		return err
	}
	if choice.Filled {
		if err := p.Fill(choice.Values); err != nil {
			return err
		}
	}
	return b.apply(ctx, p)
}

// fill shows the form of what is to be scaffolded. Done is false when it was
// cancelled.
func (w *workshop) fill(ctx context.Context, p *catalog.Plan, source string) (done bool, err error) {
	release := w.console.Hold()
	values, done, err := w.screen().Fill(ctx, formOf(p, source))
	release()
	if err != nil || !done {
		return false, err
	}
	return true, p.Fill(values)
}
