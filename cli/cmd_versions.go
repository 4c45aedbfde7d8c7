package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/ui"
)

// runVersions prints which version of each component is where.
func runVersions(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, nil, config.MockPolicy{Never: true}) // see runFind
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	r, err := s.liveRepository(ctx)
	if err != nil {
		return s.exitCode(err), err
	}
	v, problems := s.versions(ctx, r)
	if inv.Values.Bool("outdated") && ctx.Err() == nil {
		problems = errors.Join(problems, s.askReleases(ctx, v))
	}
	if err := ctx.Err(); err != nil {
		return s.exitCode(err), err
	}
	format := inv.Values.String("format")
	if inv.Values.Bool("json") {
		format = "json"
	}
	if err := s.writeVersions(s.console.Stdout(), v, format); err != nil {
		return 1, err
	}
	if problems != nil {
		return s.exitCode(problems), problems
	}
	return 0, nil
}

// versions gathers what every unit is pinned to. Units that cannot be read
// stay in the table; the error is about them.
func (s *session) versions(ctx context.Context, r *liveRepository) (*live.Versions, error) {
	g := &versionGatherer{session: s, repo: r, entries: map[string]live.Pin{}}
	errs := []error{r.Stack.Err()}
	for _, c := range r.Stack.Components { // those around others come first
		if c.Kind == configstack.KindStack {
			errs = append(errs, g.stack(ctx, c))
		}
	}
	for _, c := range r.Stack.Components {
		if c.Kind == configstack.KindUnit {
			errs = append(errs, g.unit(c))
		}
	}
	layout, err := r.File.Assign(g.paths())
	return layout.Versions(g.units), errors.Join(append(errs, err)...)
}

// versionGatherer collects the versions of one repository.
type versionGatherer struct {
	*session
	repo    *liveRepository
	units   []live.UnitVersions
	entries map[string]live.Pin // folders that stack files declare, and from which version of the catalog
}

func (g *versionGatherer) paths() []string {
	list := make([]string, len(g.units))
	for i, u := range g.units {
		list[i] = u.Path
	}
	return list
}

// stack notes what a stack file declares. What was not generated yet has no
// version of its own.
func (g *versionGatherer) stack(ctx context.Context, c configstack.Component) error {
	file, err := g.loader.Stack(ctx, c.File)
	if err != nil {
		return err
	}
	for _, m := range file.Components {
		pin, err := live.ParsePin(m.Source, "", file.Dir)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", g.shownPath(m.File), m.StackMember, err)
		}
		if around, ok := g.entries[c.Dir]; ok && pin.Kind == live.PinLocal {
			pin = around // a path within the same copy of the catalog
		}
		g.entries[m.Dir] = pin
		if m.IsStack {
			continue
		}
		if !fileExists(m.Dir) {
			g.units = append(g.units, live.UnitVersions{Path: g.repo.rel(m.Dir), Catalog: &pin, Note: "not generated"})
		} else if g.stale(m) {
			g.log.Warn(fmt.Sprintf("%s was changed since %s was generated from it: run %s stack generate", g.shownPath(c.File), g.shownPath(m.Dir), progName))
		}
	}
	return nil
}

// stale says that a stack file now gives other values than when it was
// generated.
func (g *versionGatherer) stale(m config.StackComponent) bool {
	have, err := os.ReadFile(filepath.Join(m.Dir, config.ValuesName))
	if err != nil && !os.IsNotExist(err) {
		return false
	}
	return !bytes.Equal(bytes.TrimSpace(have), bytes.TrimSpace(m.Values))
}

func (g *versionGatherer) unit(c configstack.Component) error {
	u := live.UnitVersions{Path: g.repo.rel(c.Dir)}
	if pin, ok := g.entries[c.Dir]; ok {
		u.Catalog = &pin
	}
	found := g.repo.Stack.Unit(c.Dir)
	if found == nil { // the stack's problems say why
		u.Note = "unreadable"
		g.units = append(g.units, u)
		return nil
	}
	var err error
	if u.Module, err = live.ParsePin(found.Outline.Source, found.Outline.SourceVersion, c.Dir); err != nil {
		u.Note = "unreadable"
		err = fmt.Errorf("%s: %w", g.shownPath(c.Dir), err)
	}
	g.units = append(g.units, u)
	return err
}

func (s *session) writeVersions(w io.Writer, v *live.Versions, format string) error {
	switch format {
	case "json":
		return writeJSON(w, newVersionsJSON(v))
	case "markdown":
		return writeVersionsMarkdown(w, v)
	}
	if len(v.Rows) == 0 {
		_, err := fmt.Fprintf(w, "No units in any environment. `%s environments` tells what the environments are.\n", progName)
		return err
	}
	var rows [][]ui.Label
	for _, row := range v.Rows {
		rows = append(rows, s.versionRows(v, row)...)
	}
	if err := ui.WriteTable(w, append([]string{"Component"}, v.Environments...), rows, s.console.StdoutStyle()); err != nil {
		return err
	}
	return s.writeOutside(w, v)
}

// writeOutside lists what belongs to no environment below the table.
func (s *session) writeOutside(w io.Writer, v *live.Versions) error {
	if len(v.Outside) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	var rows [][]ui.Label
	for _, c := range v.Outside {
		rows = append(rows, []ui.Label{{Text: c.Path}, versionLabel(c)})
		if text := catalogText(c); text != "" {
			rows = append(rows, []ui.Label{{}, {Text: text}})
		}
	}
	return ui.WriteTable(w, []string{"In no environment", "Version"}, rows, s.console.StdoutStyle())
}

// versionRows are one component as lines: the second one tells the version of
// the catalog's entry, where a stack file has made the unit.
func (s *session) versionRows(v *live.Versions, row live.Row) [][]ui.Label {
	first, second := []ui.Label{{Text: row.Slot}}, []ui.Label{{}}
	generated := false
	for _, name := range v.Environments {
		c := row.Cells[name]
		first = append(first, versionLabel(c))
		text := ""
		if c != nil {
			text = catalogText(c)
		}
		generated = generated || text != ""
		second = append(second, ui.Label{Text: text})
	}
	if !generated {
		return [][]ui.Label{first}
	}
	return [][]ui.Label{first, second}
}

func versionLabel(c *live.Cell) ui.Label {
	l := ui.Label{Text: versionText(c)}
	switch {
	case c == nil:
	case c.Relation == live.Behind || c.Outdated || c.Note != "":
		l.Color = ui.BoldYellow
	case c.Relation == live.Different || c.Relation == live.NotComparable:
		l.Color = ui.BoldRed
	}
	return l
}

// versionText is a cell as people read it.
func versionText(c *live.Cell) string {
	if c == nil {
		return "-"
	}
	if c.Note != "" {
		return "(" + c.Note + ")"
	}
	text := c.Module.String()
	if c.Resolved != "" {
		text += " = " + c.Resolved
	} else if c.Module.Range != "" {
		text += " (" + c.Module.Range + ")"
	}
	var marks []string
	if c.Relation != "" && c.Relation != live.Same {
		marks = append(marks, string(c.Relation))
	}
	if c.Outdated || c.Newest != "" && (c.Module.Kind == live.PinNone || c.Module.Kind == live.PinRange && c.Newest != c.Resolved) {
		marks = append(marks, "newest "+c.Newest)
	}
	if len(marks) > 0 {
		text += " [" + strings.Join(marks, ", ") + "]"
	}
	return text
}

func catalogText(c *live.Cell) string {
	if c.Catalog == nil {
		return ""
	}
	return "catalog " + c.Catalog.String()
}
