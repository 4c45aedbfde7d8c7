package source

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
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
	switch a.Kind() {
	case "git", "file":
		tags, err := gitTags(ctx, a, env)
		return newestRelease(tags), err
	case "tfr":
		g, ok := s.getters["tfr"].(*registryGetter)
		if !ok {
			return "", nil
		}
		r, err := g.find(ctx, a, "", env)
		if err != nil {
			return "", err
		}
		found, err := r.newest(ctx, "")
		if errors.Is(err, errNoneFinal) {
			return "", nil
		}
		return found, err
	}
	return "", nil
}

// gitTags asks a repository for its tags.
func gitTags(ctx context.Context, a Address, env []string) ([]string, error) {
	src, err := parseGit(a)
	if err != nil {
		return nil, err
	}
	env, cleanup, err := gitEnv(env, src.sshKey)
	if err != nil {
		return nil, err
	}
	defer cleanup()
	git := gitCmd{dir: os.TempDir(), env: env, local: src.local, hide: secrets(a)}
	out, err := git.run(ctx, "ls-remote", "--quiet", "--tags", "--refs", "--", src.url)
	if err != nil {
		return nil, err
	}
	var tags []string
	for line := range strings.Lines(out) {
		if _, tag, ok := strings.Cut(strings.TrimSpace(line), "refs/tags/"); ok {
			tags = append(tags, tag)
		}
	}
	return tags, nil
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
