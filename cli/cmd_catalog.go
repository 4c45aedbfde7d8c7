package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/terrace-iac/terrace/catalog"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/source"
)

// runCatalog browses repositories, or prints what they hold.
func runCatalog(ctx context.Context, inv *invocation) (int, error) {
	if len(inv.Args) > 1 {
		return 1, &usageError{"catalog takes one repository. Name several in the catalog block of the root file"}
	}
	w, err := newWorkshop(ctx, inv)
	if err != nil {
		return 1, err
	}
	defer w.close()
	format := inv.Values.String("format")
	if format == "tui" && !(w.console.StdinTerminal() && w.console.StdoutTerminal()) {
		return 1, errors.New("the catalog is browsed in a terminal, and this is none. For scripts there are --format jsonl and --format md")
	}
	ctx, stop := w.watch(ctx)
	defer stop()
	f, err := w.finder()
	if err != nil {
		return 1, err
	}
	urls, err := w.repositories(ctx)
	if err != nil {
		return w.exitCode(err), err
	}
	if format == "tui" {
		err = w.browse(ctx, f, urls)
	} else {
		err = w.printCatalog(ctx, f, urls, format)
	}
	return w.screenEnd(err)
}

func (w *workshop) finder() (*catalog.Finder, error) {
	o := catalog.Options{Store: w.store, Dir: w.inv.Global.WorkingDir, Env: w.inv.Env, Log: w.log}
	if path := absoluteIfSet(w.inv.Global.WorkingDir, w.inv.Values.String("ignore-file")); path != "" {
		var err error
		if o.Ignore, err = o.Ignore.ReadIgnore(path); err != nil {
			return nil, fmt.Errorf("--ignore-file: %w", err)
		}
	}
	return catalog.NewFinder(o), nil
}

// repositories lists the addresses to look at, each once: the one that was
// given, or those of the catalog block and those that units take sources from.
func (w *workshop) repositories(ctx context.Context) ([]string, error) {
	if len(w.inv.Args) == 1 {
		return w.inv.Args, nil
	}
	var urls []string
	if w.catalog != nil {
		urls = w.catalog.URLs
	}
	seen := map[string]bool{}
	for _, raw := range urls {
		seen[rootOf(raw, w.inv.Global.WorkingDir)] = true
	}
	stack, err := configstack.Discover(ctx, w.loader, w.inv.Global.WorkingDir, w.discoverOptions())
	if err != nil {
		return nil, err
	}
	for _, p := range stack.Problems {
		w.log.Debug("a unit is left out of the catalog", "error", p)
	}
	for _, u := range stack.Units {
		raw := repositoryOf(u.Outline.Source, u.Dir())
		if key := rootOf(raw, u.Dir()); raw != "" && !seen[key] {
			seen[key] = true
			urls = append(urls, raw)
		}
	}
	return slices.Clip(urls), nil
}

// repositoryOf is the repository of a unit's source; "" where it is a folder of
// this machine or comes from a registry.
func repositoryOf(raw, dir string) string {
	a, err := source.Parse(raw, dir)
	if _, local := a.LocalPath(); raw == "" || err != nil || local || a.Kind() == "tfr" {
		return ""
	}
	whole, err := a.Within("")
	if err != nil {
		return ""
	}
	return whole.WithoutQuery().Text()
}

// rootOf tells addresses of one repository from those of others.
func rootOf(raw, dir string) string {
	a, err := source.Parse(raw, dir)
	if err != nil {
		return raw
	}
	return a.WithoutQuery().Root()
}

// printCatalog prints components as they are found. A repository that fails
// keeps no other from being listed; it is an error when all do.
func (w *workshop) printCatalog(ctx context.Context, f *catalog.Finder, urls []string, format string) error {
	out := catalog.NewJSONL(w.console.Stdout())
	if format == "md" {
		out = catalog.NewMarkdown(w.console.Stdout())
	}
	var failed []error
	for _, url := range urls {
		var broken error
		err := f.Find(ctx, url, func(c *catalog.Component) bool {
			broken = out.Write(c)
			return broken == nil
		})
		if broken != nil {
			return closedPipe(broken)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 && len(failed) == len(urls) {
		return errors.Join(failed...)
	}
	for _, err := range failed {
		w.log.Error(err.Error())
	}
	return closedPipe(out.Close())
}

// closedPipe forgives a reader that has seen enough.
func closedPipe(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
