package source

import (
	"context"
	"os"
	"strings"
	"sync"
)

type revisions struct {
	fetched sync.Map // root URL -> string
	asked   sync.Map // root URL -> func() (string, error)
	newest  sync.Map // root URL without query -> func() (string, error)
}

// Fetched is the revision of a source that this process has fetched, "" where
// that is not known. Trees of one revision are the same for ever.
func (s *Store) Fetched(a Address) string {
	if rev, ok := s.revisions.fetched.Load(a.Root()); ok {
		return rev.(string)
	}
	return ""
}

// Revision is the revision that fetching the source would bring now, "" where
// asking is not cheaper than fetching. It is asked for once in a process,
// however many ask; what was fetched already is not asked for again.
func (s *Store) Revision(ctx context.Context, a Address, env []string) (string, error) {
	if a.Kind() != "git" {
		return "", nil
	}
	if rev := s.Fetched(a); rev != "" {
		return rev, nil
	}
	ask, _ := s.revisions.asked.LoadOrStore(a.Root(), sync.OnceValues(func() (string, error) { return gitRevision(ctx, a, env) }))
	return ask.(func() (string, error))()
}

// gitRevision asks the server for the commit of a ref.
func gitRevision(ctx context.Context, a Address, env []string) (string, error) {
	src, err := parseGit(a)
	if err != nil {
		return "", err
	}
	if isCommit(src.ref) {
		return src.ref, nil
	}
	if isRevision(src.ref) {
		return "", nil // a way through history, or a short hash
	}
	env, cleanup, err := gitEnv(env, src.sshKey)
	if err != nil {
		return "", err
	}
	defer cleanup()
	ref := src.ref
	if ref == "" {
		ref = "HEAD"
	}
	git := gitCmd{dir: os.TempDir(), env: env, local: src.local, hide: secrets(a)}
	out, err := git.run(ctx, "ls-remote", "--quiet", "--", src.url, ref, ref+"^{}")
	if err != nil {
		return "", err
	}
	return pickRef(out, ref), nil
}

// pickRef finds the commit that git would fetch for a ref, in what ls-remote
// lists: its own name first, then a tag, then a branch. A tag with a message
// is listed a second time with the commit behind it.
func pickRef(lsRemote, ref string) string {
	byName := map[string]string{}
	for line := range strings.Lines(lsRemote) {
		commit, name, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok {
			byName[name] = commit
		}
	}
	for _, prefix := range []string{"", "refs/", "refs/tags/", "refs/heads/"} {
		for _, name := range []string{prefix + ref + "^{}", prefix + ref} {
			if commit := byName[name]; commit != "" {
				return commit
			}
		}
	}
	return ""
}
