package source

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// probe asks the server which commit a ref names. A full hash is its own
// answer, so that what is stored can be used without a network.
func (g *gitGetter) probe(ctx context.Context, j Job, dir string) (probe, error) {
	src, err := parseGit(j.Address)
	if err != nil {
		return probe{}, err
	}
	if isCommit(src.ref) {
		return probe{key: commitKey(strings.ToLower(src.ref))}, nil
	}
	env, cleanup, err := gitEnv(j.Env, src.sshKey)
	if err != nil {
		return probe{}, err
	}
	defer cleanup()
	// Settings of a repository around the folder have no say in this.
	env = append(env, "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	git := gitCmd{dir: dir, env: env, local: src.local, hide: secrets(j.Address)}
	names := refNames(src.ref)
	out, err := git.run(ctx, slices.Concat([]string{"ls-remote", "--quiet", "--", src.url}, names)...)
	if err != nil {
		return probe{}, err
	}
	return resolveRef(names, out), nil
}

// refNames are the full names that a short one can stand for, in the order in
// which git tries them. That of an annotated tag's commit ends with ^{}.
func refNames(ref string) []string {
	if ref == "" {
		return []string{"HEAD"}
	}
	return []string{ref + "^{}", ref, "refs/" + ref + "^{}", "refs/" + ref,
		"refs/tags/" + ref + "^{}", "refs/tags/" + ref, "refs/heads/" + ref}
}

// resolveRef picks the first of names from the output of ls-remote.
func resolveRef(names []string, lsRemote string) probe {
	commits := map[string]string{}
	for line := range strings.Lines(lsRemote) {
		if commit, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && isCommit(commit) {
			commits[name] = commit
		}
	}
	for _, name := range names {
		commit := commits[name]
		if commit == "" {
			continue
		}
		p := probe{key: commitKey(commit)}
		if tag, ok := strings.CutPrefix(strings.TrimSuffix(name, "^{}"), "refs/tags/"); ok {
			p.tag, p.commit = tag, commit
		}
		return p
	}
	return probe{}
}

func commitKey(commit string) string { return "git-" + commit }

// isCommit says whether a ref is a full hash, of SHA-1 or SHA-256, as git
// writes it.
func isCommit(ref string) bool {
	return (len(ref) == 40 || len(ref) == 64) && strings.Trim(ref, "0123456789abcdef") == ""
}
