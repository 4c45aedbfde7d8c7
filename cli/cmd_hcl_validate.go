package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// runValidate evaluates everything below the working folder and reports what
// is wrong with it. Outputs of dependencies are never read.
func runValidate(ctx context.Context, inv *invocation) (int, error) {
	o, err := newValidateOptions(inv.Values)
	if err != nil {
		return 1, err
	}
	s, err := newSession(inv, []string{"validate"}, config.MockPolicy{Never: true})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	items, unread, err := s.toValidate(ctx)
	if err != nil {
		return s.exitCode(err), err
	}
	if o.Inputs {
		return s.validateInputs(ctx, items, unread, o.Strict)
	}
	mistakes, err := s.mistakes(ctx, items)
	if err != nil {
		return s.exitCode(err), err
	}
	if unread != nil {
		mistakes = append(mistakes, findings(inv.Global.WorkingDir, unread)...)
	}
	mistakes = sortedFindings(mistakes)
	if err := s.showFindings(mistakes, o); err != nil {
		return 1, err
	}
	return s.countFindings(mistakes), nil
}

// toValidate finds what the filters choose. A filter that looks into units
// cannot tell whether it means one that cannot be read, so what is wrong with
// that one counts.
func (s *session) toValidate(ctx context.Context) (items []item, unread, err error) {
	filter, err := s.newFilter(ctx, s.opts.Filter)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.filterComponents(ctx, filter, s.discoverOptions(), false)
	if err != nil {
		return nil, nil, err
	}
	items = itemsOf(slices.DeleteFunc(slices.Clone(c.Chosen.Members), func(m *configstack.Member) bool { return m.Removed }))
	var mistakes *config.Error
	for _, e := range flatten(c.err()) {
		if errors.As(e, &mistakes) && !slices.ContainsFunc(items, func(i item) bool { return i.File == mistakes.Path }) {
			unread = errors.Join(unread, e)
		}
	}
	return items, unread, nil
}

// finding is a mistake and the file through which it was found.
type finding struct {
	config.Diagnostic
	Path string
}

// mistakes evaluates the items side by side. A mistake in a file that many
// units share is found once.
func (s *session) mistakes(ctx context.Context, items []item) ([]finding, error) {
	errs := each(items, func(n int) error { return s.evaluate(ctx, items[n]) })
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var all []finding
	for n, err := range errs {
		if err != nil {
			all = append(all, findings(items[n].File, err)...)
		}
	}
	return all, nil
}

// each calls f with the place of every item, for some at the same time, and
// gives the errors in the order of the items.
func each(items []item, f func(n int) error) []error {
	numbers := make([]int, len(items))
	for n := range numbers {
		numbers[n] = n
	}
	return eachOf(numbers, shell.Capacity(), f)
}

// eachOf calls f for every element, for so many at the same time, and gives
// the errors in their order.
func eachOf[T any](list []T, workers int, f func(T) error) []error {
	errs := make([]error, len(list))
	slots := make(chan struct{}, workers)
	var wg sync.WaitGroup
	for n, x := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[n] = f(x)
		})
	}
	wg.Wait()
	return errs
}

// evaluate gives everything that is wrong with one unit or stack.
func (s *session) evaluate(ctx context.Context, i item) error {
	if i.Kind == configstack.KindStack {
		_, err := s.loader.Stack(ctx, i.File)
		return err
	}
	u, err := s.loader.Unit(ctx, i.File)
	if err != nil {
		return err
	}
	defer u.Forget()
	_, err = u.Config(ctx)
	return err
}

// findings takes an error apart. One that is no diagnostic becomes one, so
// that every format can show it.
func findings(path string, err error) []finding {
	var out []finding
	for _, e := range flatten(err) {
		var mistakes *config.Error
		if !errors.As(e, &mistakes) {
			out = append(out, finding{config.Diagnostic{Summary: e.Error()}, path})
			continue
		}
		for _, d := range mistakes.Diagnostics {
			out = append(out, finding{d, mistakes.Path})
		}
	}
	return out
}

// file is where the mistake is to be looked for.
func (f finding) file() string { return cmp.Or(f.File, f.Path) }

// sortedFindings orders mistakes by file and place, each once.
func sortedFindings(all []finding) []finding {
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.file(), b.file()), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Summary, b.Summary), cmp.Compare(a.Detail, b.Detail))
	})
	return slices.CompactFunc(all, func(a, b finding) bool {
		return a.file() == b.file() && a.Line == b.Line && a.Column == b.Column && a.Summary == b.Summary && a.Detail == b.Detail
	})
}

// showFindings writes the mistakes to standard output in the form asked for.
func (s *session) showFindings(list []finding, o validateOptions) error {
	switch {
	case o.ShowConfigPath:
		return s.showPaths(list, o.JSON)
	case o.JSON:
		return s.writeCompact(findingsJSON(list))
	}
	for _, f := range list {
		if err := ui.WriteDiagnostic(s.console.Stdout(), diagnostic(f.Diagnostic, f.Path), s.console.StdoutStyle()); err != nil {
			return err
		}
	}
	return nil
}

// showPaths writes the files with errors, each once.
func (s *session) showPaths(list []finding, asJSON bool) error {
	paths := []string{}
	for _, f := range list {
		if !f.Warning {
			paths = append(paths, f.file())
		}
	}
	paths = slices.Compact(paths)
	if asJSON {
		return s.writeCompact(paths)
	}
	for _, p := range paths {
		if _, err := fmt.Fprintln(s.console.Stdout(), p); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) writeCompact(v any) error {
	e := json.NewEncoder(s.console.Stdout())
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// countFindings tells how many errors there are, and gives the exit status.
func (s *session) countFindings(list []finding) int {
	n := 0
	for _, f := range list {
		if !f.Warning {
			n++
		}
	}
	if n == 0 {
		return 0
	}
	s.inv.Notify.Error(fmt.Sprintf("%d HCL validation error(s) found", n))
	return 1
}
