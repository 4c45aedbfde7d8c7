package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
)

// whyOptions are the flags of `why`.
type whyOptions struct {
	JSON   bool
	Filter filterOptions
}

func newWhyOptions(v *values, g globalOptions) whyOptions {
	o := whyOptions{JSON: v.Bool("json"), Filter: newFilterOptions(v, g.WorkingDir)}
	if len(o.Filter.Queries) == 0 && !o.Filter.fileRequested {
		o.Filter.Affected = true
	}
	return o
}

// runWhy tells how changes in git reach the units named, or all that they
// reach. A unit that they do not reach is an answer too, and no failure.
func runWhy(ctx context.Context, inv *invocation) (int, error) {
	o := newWhyOptions(inv.Values, inv.Global)
	s, err := newSession(inv, nil, config.MockPolicy{Never: true}) // see runFind
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	answers, err := s.why(ctx, o)
	if err != nil {
		return s.exitCode(err), err
	}
	text := whyText(answers)
	if o.JSON {
		if text, err = indented(answers); err != nil {
			return 1, err
		}
	}
	_, err = s.console.Stdout().Write(text)
	return 0, err
}

// answer is what there is to say about one component. The order of the fields
// is part of the format.
type whyAnswer struct {
	Path     string     `json:"path"`
	Type     string     `json:"type"`
	Affected bool       `json:"affected"`
	Removed  bool       `json:"removed,omitempty"`
	Because  []whyChain `json:"because"`

	chosen bool // by a query that is not about changes
}

// whyChain leads from a changed file to the component.
type whyChain struct {
	File   string `json:"file"`
	Change string `json:"change"` // added, modified, removed or type changed
	Role   string `json:"role"`   // what the file is to the first unit of the chain
	// Modules are the folders of local modules that lead to the file, from the
	// one that it is in to the one that the unit names.
	Modules []string `json:"modules,omitempty"`
	// Units lead from the unit that the file concerns to the component, both
	// included; each depends on the one before it, or with Needed the one
	// before it depends on each.
	Units  []string `json:"units"`
	Needed bool     `json:"needed,omitempty"`
}

func (s *session) why(ctx context.Context, o whyOptions) ([]whyAnswer, error) {
	filter, err := s.newFilter(ctx, o.Filter)
	if err != nil {
		return nil, err
	}
	if !filter.Needs().Git {
		return nil, &usageError{"`why` is about changes: give a query such as '[main...HEAD]', or --filter-affected, which is meant when there is no query"}
	}
	c, err := s.filterComponents(ctx, filter, s.discoverOptions(), true)
	if err != nil {
		return nil, err
	}
	top, err := s.repository.Top()
	if err != nil {
		return nil, err
	}
	w := &reasons{session: s, choice: c, top: top}
	asked, err := w.asked()
	if err != nil {
		return nil, err
	}
	if problem := w.problem(asked); problem != nil {
		return nil, problem
	}
	s.tell(c.err())
	answers := make([]whyAnswer, len(asked))
	for i, dir := range asked {
		answers[i] = w.answer(dir)
	}
	return answers, nil
}

// reasons answers for one evaluated filter.
type reasons struct {
	*session
	choice *choice
	top    string // of the repository
}

// asked are the folders of the components named on the command line, by path
// or, where that is unambiguous, by the name of the folder; without any all
// that the changes reach.
func (w *reasons) asked() ([]string, error) {
	if len(w.inv.Args) == 0 {
		var dirs []string
		for _, m := range w.choice.Chosen.Members {
			dirs = append(dirs, m.Dir)
		}
		return dirs, nil
	}
	var dirs []string
	for _, name := range w.inv.Args {
		dir, err := w.find(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs, nil
}

func (w *reasons) find(name string) (string, error) {
	path := absolute(w.inv.Global.WorkingDir, filepath.FromSlash(name))
	var same []string
	for _, dir := range w.dirs() {
		if dir == path {
			return dir, nil
		}
		if filepath.Base(dir) == name {
			same = append(same, dir)
		}
	}
	switch len(same) {
	case 0:
		return "", &usageError{fmt.Sprintf("%s: there is no unit or stack of this path or name below %s", name, w.inv.Global.WorkingDir)}
	case 1:
		return same[0], nil
	}
	return "", &usageError{fmt.Sprintf("%s could be any of %s: give the path", name, strings.Join(w.shownPaths(same), ", "))}
}

// dirs are the folders of all components: those that are there, and those that
// were removed.
func (w *reasons) dirs() []string {
	var dirs []string
	for _, c := range w.choice.Stack.Components {
		dirs = append(dirs, c.Dir)
	}
	for _, m := range w.choice.Chosen.Members {
		dirs = append(dirs, m.Dir)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// problem is the error of the first component that was asked for and cannot be
// answered for, as it could not be evaluated.
func (w *reasons) problem(asked []string) error {
	if len(w.inv.Args) == 0 {
		return w.choice.err() // of all: what they would have read is not known
	}
	var errs []error
	for _, p := range slices.Concat(w.choice.Stack.Problems, w.choice.Chosen.Problems) {
		if slices.Contains(asked, p.Unit) {
			errs = append(errs, p)
		}
	}
	return errors.Join(errs...)
}

func (w *reasons) answer(dir string) whyAnswer {
	a := whyAnswer{Path: w.shownPath(dir), Type: configstack.KindUnit.String(), Because: []whyChain{}}
	for _, c := range w.choice.Stack.Components {
		if c.Dir == dir {
			a.Type = c.Kind.String()
		}
	}
	member := w.member(dir)
	if member == nil {
		return a
	}
	a.Type, a.Removed = member.Kind.String(), member.Removed
	if len(member.Because) > 0 {
		a.Because = w.chains([]string{dir}, false)
	} else if way, needed := w.way(dir); way != nil {
		a.Because = w.chains(way, needed)
	}
	a.Affected = len(a.Because) > 0
	a.chosen = !a.Affected
	return a
}

func (w *reasons) member(dir string) *configstack.Member {
	for _, m := range w.choice.Chosen.Members {
		if m.Dir == dir {
			return m
		}
	}
	return nil
}

// chains turns the causes of what a way starts from into chains that go on
// along the way.
func (w *reasons) chains(way []string, needed bool) []whyChain {
	causes := w.choice.Chosen.Causes(way[0])
	units := make([]string, len(way))
	for i, dir := range way {
		units[i] = w.shownPath(dir)
	}
	list := make([]whyChain, len(causes))
	for i, cause := range causes {
		list[i] = whyChain{File: w.fromTop(cause.File), Change: changeName(cause.Status), Role: string(cause.Role), Units: units, Needed: needed}
		for _, dir := range slices.Backward(cause.Through) {
			list[i].Modules = append(list[i].Modules, w.fromTop(dir))
		}
	}
	return list
}

// fromTop turns a path from the top of the repository into one from the
// working folder, as all listings have them.
func (w *reasons) fromTop(path string) string {
	return w.shownPath(filepath.Join(w.top, filepath.FromSlash(path)))
}

func changeName(status string) string {
	switch status {
	case "A":
		return "added"
	case "D":
		return "removed"
	case "M":
		return "modified"
	case "T":
		return "type changed"
	}
	return status
}

// way is the shortest way to a component from one that a change reaches itself,
// along the steps by which the query came to it.
func (w *reasons) way(dir string) (way []string, needed bool) {
	if way := w.search(dir, true); way != nil {
		return way, false
	}
	return w.search(dir, false), true
}

// search goes back along steps to dependents, or those to dependencies.
func (w *reasons) search(dir string, dependents bool) []string {
	towards := map[string]string{dir: ""} // the way back, step by step
	for row := []string{dir}; len(row) > 0; {
		var met []string
		for _, at := range row {
			if at != dir && len(w.choice.Chosen.Causes(at)) > 0 {
				return trace(at, towards)
			}
			for _, step := range w.choice.Chosen.Steps(at) {
				if _, seen := towards[step.Dir]; !seen && step.Dependent == dependents {
					towards[step.Dir] = at
					met = append(met, step.Dir)
				}
			}
		}
		row = met
	}
	return nil
}

func trace(at string, towards map[string]string) (way []string) {
	for ; at != ""; at = towards[at] {
		way = append(way, at)
	}
	return way
}

// whyText is for people: each component, and its chains indented below it.
func whyText(answers []whyAnswer) []byte {
	var b bytes.Buffer
	for _, a := range answers {
		switch {
		case a.Affected && a.Removed:
			fmt.Fprintf(&b, "%s was removed:\n", a.Path)
		case a.Affected:
			fmt.Fprintf(&b, "%s is affected:\n", a.Path)
		case a.chosen:
			fmt.Fprintf(&b, "%s is chosen by a query, but no change reaches it.\n", a.Path)
		default:
			fmt.Fprintf(&b, "%s is not affected: nothing that it reads has changed.\n", a.Path)
		}
		for _, c := range a.Because {
			b.WriteString("  " + c.String() + "\n")
		}
	}
	return b.Bytes()
}

// String is the chain from left to right.
func (c whyChain) String() string {
	links := []string{fmt.Sprintf("%s (%s)", c.File, c.Change)}
	for i, m := range c.Modules {
		if i == 0 {
			links = append(links, "file of module "+m)
		} else {
			links = append(links, "called by module "+m)
		}
	}
	links = append(links, c.link())
	for _, u := range c.Units[1:] {
		if c.Needed {
			links = append(links, "which depends on "+u)
		} else {
			links = append(links, "dependency of "+u)
		}
	}
	return strings.Join(links, " -> ")
}

// link says what the file, or the last module, is to the first unit.
func (c whyChain) link() string {
	unit := c.Units[0]
	switch configstack.Role(c.Role) {
	case configstack.RoleConfig:
		return "configuration of " + unit
	case configstack.RoleFolder:
		return "lies in the folder of " + unit
	case configstack.RoleModule:
		return "module of " + unit
	case configstack.RoleStack:
		return "stack that generates " + unit
	}
	return "read by " + unit
}

func whyCommand() *command {
	return &command{
		Name: "why", Group: groupDiscovery, Args: "[unit...]",
		Summary: "Tell which changes in git reach a unit, and how",
		Description: "Prints the chain from each changed file to the unit: who reads the file, which modules lead to it, " +
			"and which units lie between. Changes are those since the default branch unless a query names others. " +
			"A unit is given by its path or by the name of its folder; without one all units that the changes reach are explained. " +
			"A unit that no change reaches is an answer, with status 0; status 1 means that there is no answer.",
		Examples: []example{
			{"Tell why a unit is in a run of --filter-affected", "terrace why app/web"},
			{"Explain everything that has changed since a tag", "terrace why --filter '[v1.2.0]'"},
			{"Explain a unit that only depends on what has changed", "terrace why app/web --filter '...[main...HEAD]'"},
			{"Print the chains as JSON", "terrace why --json"},
		},
		Flags: slices.Concat(whyFlags(), filterFlags(), backendFlags(), []*flagDef{featureFlag()}),
	}
}

func whyFlags() []*flagDef {
	return []*flagDef{
		{Name: "json", Aliases: []string{"j"}, Env: envOwn, Help: "Print the chains as JSON."},
	}
}
