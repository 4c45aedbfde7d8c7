package catalog

import (
	"context"
	"fmt"

	"github.com/terrace-iac/terrace/source"
)

// pinnedSource is a source at a version: where it is fetched from, and how the
// new folder names it.
type pinnedSource struct {
	address source.Address
	url     string
}

// pin chooses the version of a source: the one that was asked for, the one in
// its address, or the newest release.
func (s *Scaffolder) pin(ctx context.Context, r Request, given map[string]any) (pinnedSource, error) {
	a, err := source.Parse(r.Source, r.Dir)
	if err != nil {
		return pinnedSource{}, err
	}
	ref := textOf(given, varRef)
	if isPath(r.Source, a) {
		if ref != "" {
			s.log.Warn("The source is a folder of this machine, which has no versions: " + varRef + " has no effect")
		}
		address, _ := splitQuery(r.Source)
		return pinnedSource{a, rebase(address, r.Dir, r.Output)}, nil
	}
	raw := r.Source
	name := map[string]string{"git": "ref", "tfr": "version"}[a.Kind()]
	switch {
	case name == "":
		if ref != "" {
			s.log.Warn(fmt.Sprintf("Sources of type %s have no versions: %s has no effect", a.Kind(), varRef))
		}
	case ref != "":
		raw = withParameter(raw, name, ref)
	case a.Query().Get(name) == "":
		newest, err := s.store.Newest(ctx, a, s.env)
		if err != nil {
			return pinnedSource{}, err
		}
		if newest == "" {
			s.log.Warn(fmt.Sprintf("%s has no release: the source is not pinned to a version. Choose one with --var %s=...", a.String(), varRef))
			break
		}
		raw = withParameter(raw, name, newest)
	}
	if a, err = source.Parse(raw, r.Dir); err != nil {
		return pinnedSource{}, err
	}
	p := pinnedSource{a, raw}
	switch kind := textOf(given, varURLType); kind {
	case "", "git-https":
	case urlTypeSSH:
		p.url = overSSH(raw, a, textOf(given, varSSHUser))
	default:
		return p, fmt.Errorf("%s=%s: expected %s", varURLType, kind, urlTypeSSH)
	}
	return p, nil
}

func textOf(given map[string]any, name string) string {
	if x, ok := given[name]; ok && x != nil {
		return fmt.Sprint(x)
	}
	return ""
}
