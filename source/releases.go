package source

import (
	"context"
	"os"
	"strings"
)

// Releases asks where a module comes from which versions of it there are: the
// tags of a git repository, the versions of a registry. Sources of other kinds
// have none. usual is the host of registry addresses that name none. The order
// is that of the answer.
func (s *Store) Releases(ctx context.Context, a Address, usual string, env []string) ([]string, error) {
	if env == nil {
		env = os.Environ()
	}
	switch a.Kind() {
	case "git", "file": // a local folder is asked as the repository that it may be
		return gitTags(ctx, a, env)
	case "tfr":
		g, ok := s.getters["tfr"].(*registryGetter)
		if !ok {
			return nil, nil
		}
		return g.releases(ctx, a, usual, env)
	}
	return nil, nil
}

func (g *registryGetter) releases(ctx context.Context, a Address, usual string, env []string) ([]string, error) {
	r, err := g.find(ctx, a, usual, env)
	if err != nil {
		return nil, err
	}
	all, err := r.versions(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(all))
	for i, v := range all {
		list[i] = v.Original()
	}
	return list, nil
}

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
	// Settings of a repository around us have no say in this.
	dir, err := os.MkdirTemp("", "terrace-tags-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out, err := gitCmd{dir: dir, env: env, local: src.local, hide: secrets(a)}.run(ctx, "ls-remote", "--quiet", "--tags", "--refs", "--", src.url)
	if err != nil {
		return nil, scrubError(err, secrets(a))
	}
	var tags []string
	for line := range strings.Lines(out) {
		if _, tag, ok := strings.Cut(strings.TrimSpace(line), "\trefs/tags/"); ok {
			tags = append(tags, tag)
		}
	}
	return tags, nil
}
