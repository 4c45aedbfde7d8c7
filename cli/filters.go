package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
)

// Files of queries that are read from the working folder when none is named.
const (
	filtersFile  = ".terragrunt-filters"
	excludesFile = ".terragrunt-excludes"
)

// queryList collects queries, and all that is wrong with them.
type queryList struct {
	queries []*configstack.Query
	errs    []error
}

// add takes a query, or notes where the mistake in it was made.
func (l *queryList) add(q *configstack.Query, err error, origin string) {
	var bad *configstack.QueryError
	if errors.As(err, &bad) {
		bad.Origin = origin
	}
	if err != nil {
		l.errs = append(l.errs, err)
		return
	}
	l.queries = append(l.queries, q)
}

// parse takes a query as text.
func (l *queryList) parse(text, origin string) {
	q, err := configstack.ParseQuery(text)
	l.add(q, err, origin)
}

// lines takes the queries in a file, each after a prefix: one a line, without
// blank lines and comments. A file that was not asked for need not exist.
func (l *queryList) lines(path, prefix string, named bool) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return
	}
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("file of queries: %w", err))
		return
	}
	for n, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			l.parse(prefix+line, fmt.Sprintf("%s:%d", path, n+1))
		}
	}
}

// flags takes the queries that flags stand for.
func (l *queryList) flags(f filterOptions) {
	for i, text := range f.Queries {
		origin := "--filter"
		if i > 0 {
			origin = fmt.Sprintf("--filter[%d]", i)
		}
		l.parse(text, origin)
	}
	for _, dir := range f.IncludeDirs {
		q, err := configstack.PathQuery(dir, false)
		l.add(q, err, "--queue-include-dir")
	}
	for _, dir := range f.ExcludeDirs {
		q, err := configstack.PathQuery(dir, true)
		l.add(q, err, "--queue-exclude-dir")
	}
	for _, file := range f.UnitsReading {
		q, err := configstack.ReadingQuery(file)
		l.add(q, err, "--queue-include-units-reading")
	}
	if f.External {
		l.add(configstack.ExternalQuery(), nil, "")
	}
}

// files takes the queries in files: those named, else those that lie in the
// working folder.
func (l *queryList) files(f filterOptions, workingDir string) {
	at := func(path, usual string) (string, bool) {
		if path != "" {
			return path, true
		}
		return filepath.Join(workingDir, usual), false
	}
	if !f.NoFile {
		path, named := at(f.File, filtersFile)
		l.lines(path, "", named)
	}
	path, named := at(f.ExcludesFile, excludesFile)
	l.lines(path, "!", named)
}

// newFilter makes a filter of everything that chooses components. Mistakes
// are all returned together. defaultBranch is asked for --filter-affected.
func (inv *invocation) newFilter(f filterOptions, defaultBranch func() (string, error)) (*configstack.Filter, error) {
	l := &queryList{}
	l.flags(f)
	l.files(f, inv.Global.WorkingDir)
	if f.Affected {
		branch, err := defaultBranch()
		if err != nil {
			l.errs = append(l.errs, err)
		}
		l.add(configstack.AffectedQuery(branch), nil, "")
	}
	if len(l.errs) > 0 {
		return nil, errors.Join(l.errs...)
	}
	filter := configstack.NewFilter(inv.Global.WorkingDir, l.queries...)
	filter.Boundary = f.Boundary
	return filter, inv.checkBoundaries(filter)
}

// checkBoundaries refuses boundaries without the experiment, and those that
// cannot be meant: a missing folder, or for dependents one that does not hold
// the working folder.
func (inv *invocation) checkBoundaries(filter *configstack.Filter) error {
	down, up := filter.Boundaries()
	if filter.Boundary == "" && len(down)+len(up) == 0 {
		return nil
	}
	if !inv.Global.Experiments.Enabled("bounded-discovery") {
		return &usageError{"a boundary for discovery needs the experiment `bounded-discovery`: pass --experiment bounded-discovery"}
	}
	if filter.Boundary != "" {
		if filter.Needs().Dependents {
			up = append(up, filter.Boundary)
		} else {
			down = append(down, filter.Boundary)
		}
	}
	for _, dir := range append(down, up...) {
		if info, err := os.Stat(absolute(inv.Global.WorkingDir, dir)); err != nil || !info.IsDir() {
			return &usageError{"the boundary " + dir + " is not a folder"}
		}
	}
	for _, dir := range up {
		rel, err := filepath.Rel(absolute(inv.Global.WorkingDir, dir), inv.Global.WorkingDir)
		if err != nil || !filepath.IsLocal(rel) {
			return &usageError{"the boundary " + dir + " for dependents must hold the working folder"}
		}
	}
	return nil
}

// fileFilter is a filter of files. Only queries about paths make sense there.
func (inv *invocation) fileFilter(f filterOptions) (*configstack.Filter, error) {
	filter, err := inv.newFilter(f, func() (string, error) { return "", &usageError{needsDiscovery("--filter-affected")} })
	if err != nil {
		return nil, err
	}
	if text := filter.BeyondPaths(); text != "" {
		return nil, &usageError{needsDiscovery(text)}
	}
	return filter, nil
}

func needsDiscovery(query string) string {
	return fmt.Sprintf("Filter query '%s' requires discovery of Terrace configurations, but files are chosen by path alone", query)
}
