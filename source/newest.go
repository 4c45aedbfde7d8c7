package source

import (
	"context"
	"slices"
	"sync"

	"github.com/hashicorp/go-version"
)

// Newest is the newest release of a source by Semantic Versioning: a tag of a
// git repository, a version of a registry's module. It is "" where there is
// none, and for sources that have no versions. Versions that are not final do
// not count. It is asked for once in a process, however many ask. A local
// folder is asked as the git repository that it must be.
func (s *Store) Newest(ctx context.Context, a Address, env []string) (string, error) {
	ask, _ := s.revisions.newest.LoadOrStore(a.plain(), sync.OnceValues(func() (string, error) { return s.newest(ctx, a, env) }))
	newest, err := ask.(func() (string, error))()
	if err != nil {
		return "", s.fetchError(ctx, Request{Address: a}, err)
	}
	return newest, nil
}

func (s *Store) newest(ctx context.Context, a Address, env []string) (string, error) {
	list, err := s.Releases(ctx, a, "", env)
	return newestRelease(list), err
}

// newestRelease picks the highest final version from names of tags; of two
// spellings of one version, the one that comes first in the alphabet.
func newestRelease(tags []string) string {
	tags = slices.Sorted(slices.Values(tags))
	best, name := (*version.Version)(nil), ""
	for _, tag := range tags {
		v, err := version.NewVersion(tag)
		if err != nil || v.Prerelease() != "" {
			continue
		}
		if best == nil || v.GreaterThan(best) {
			best, name = v, tag
		}
	}
	return name
}
