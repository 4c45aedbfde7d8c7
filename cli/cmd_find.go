package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// runFind lists components, one path a line or as JSON.
func runFind(ctx context.Context, inv *invocation) (int, error) {
	o := newFindOptions(inv.Values, inv.Global)
	as, err := commandLine(o.As)
	if err != nil {
		return 1, err
	}
	// A listing never asks for outputs: that could start the wrapped binary.
	s, err := newSession(inv, as, config.MockPolicy{Never: true})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	f, err := s.selectUnits(ctx, o.wanted(as))
	if err != nil {
		return s.exitCode(err), err
	}
	items := f.queued()
	if o.DAG {
		f.sortByQueue(items)
	}
	text := s.findText(items)
	if o.JSON {
		if text, err = s.findJSON(ctx, items, o); err != nil {
			return s.exitCode(err), err
		}
	}
	_, err = s.console.Stdout().Write(text)
	return 0, err
}

// wanted leaves files unopened where paths will do. Only JSON has room for
// what is in them.
func (o findOptions) wanted(as shell.Argv) wanted {
	return wanted{
		Outlines: o.JSON && (o.Dependencies || o.Exclude || o.Includes || o.Reading),
		Edges:    o.DAG || o.JSON && o.Dependencies,
		External: o.External, NoHidden: o.NoHidden, As: as,
	}
}

func (s *session) findText(items []item) []byte {
	var b bytes.Buffer
	for _, i := range items {
		b.WriteString(s.console.StdoutStyle().Label(s.label(i)) + "\n")
	}
	return b.Bytes()
}

// label is an item's path in the colour of its kind.
func (s *session) label(i item) ui.Label {
	color := ui.BoldBlue
	if i.Kind == configstack.KindStack {
		color = ui.BoldGreen
	}
	return ui.Label{Text: s.shownPath(i.Dir), Color: color}
}

// foundJSON is an item as JSON. The order of the fields is part of the format.
type foundJSON struct {
	Type         string            `json:"type"`
	Path         string            `json:"path"`
	Exclude      *excludeJSON      `json:"exclude,omitempty"`
	Include      map[string]string `json:"include,omitempty"` // label to path
	Dependencies []string          `json:"dependencies,omitempty"`
	Reading      []string          `json:"reading,omitempty"`
}

type excludeJSON struct {
	ExcludeDependencies *bool    `json:"exclude_dependencies"`
	NoRun               *bool    `json:"no_run"`
	Actions             []string `json:"actions"`
	If                  bool     `json:"if"`
}

func (s *session) findJSON(ctx context.Context, items []item, o findOptions) ([]byte, error) {
	list := make([]foundJSON, len(items))
	for i, it := range items {
		list[i] = s.describe(it, o)
	}
	if o.Reading {
		if err := s.addReading(ctx, items, list); err != nil {
			return nil, err
		}
	}
	return indented(list)
}

// indented is JSON for people and programs: paths keep their < and &.
func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

func (s *session) describe(i item, o findOptions) foundJSON {
	out := foundJSON{Type: i.Kind.String(), Path: s.shownPath(i.Dir)}
	if i.Unit == nil {
		return out
	}
	if e := i.Unit.Outline.Exclude; e != nil && o.Exclude {
		out.Exclude = &excludeJSON{e.ExcludeDependencies, e.NoRun, append([]string{}, e.Actions...), e.If}
	}
	if list := i.Unit.Outline.Includes; len(list) > 0 && o.Includes {
		out.Include = make(map[string]string, len(list))
		for _, in := range list {
			out.Include[in.Label] = s.shownPath(in.Path)
		}
	}
	if o.Dependencies {
		out.Dependencies = s.shownPaths(i.Unit.Dependencies())
	}
	return out
}

// addReading evaluates the locals of each unit, since they may read files.
// What a unit has read until a mistake is listed all the same.
func (s *session) addReading(ctx context.Context, items []item, list []foundJSON) error {
	errs := make([]error, len(items))
	var wg sync.WaitGroup
	slots := make(chan struct{}, shell.Capacity())
	reader := configstack.NewReader(s.discoverOptions())
	for i, it := range items {
		if it.Unit == nil {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			var read *configstack.Reading
			read, errs[i] = reader.Read(ctx, it.Unit)
			list[i].Reading = s.shownPaths(read.Sources())
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, err := range errs {
		s.tell(err)
	}
	return nil
}
