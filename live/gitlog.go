package live

import (
	"context"
	"strings"
	"time"
)

// FileStatus is a file of the work tree that is not as it is in HEAD.
type FileStatus struct {
	Path      string // from the root, with slashes
	Untracked bool   // git knows nothing of it
}

// toolFolders are never looked into: what lies there was put there by runs.
func toolFolders() []string {
	return []string{":(exclude,glob)**/.terragrunt-cache/**", ":(exclude,glob)**/.terraform/**", ":(exclude,glob).terrace/**", ":(exclude,glob)**/.terrace/**"}
}

// Status lists what was changed since HEAD, staged or not, and what is not
// tracked. Ignored files are not listed, nor what runs leave behind.
func (g *Git) Status(ctx context.Context) ([]FileStatus, error) {
	args := []string{"status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=none", "--", ":(top)"}
	out, err := g.call(ctx, append(args, toolFolders()...)...)
	if err != nil {
		return nil, err
	}
	var list []FileStatus
	for entry := range strings.SplitSeq(out, "\x00") {
		if len(entry) > 3 {
			list = append(list, FileStatus{Path: entry[3:], Untracked: entry[:2] == "??"})
		}
	}
	return list, nil
}

// Tracked gives the set of files that git knows, by path from the root.
func (g *Git) Tracked(ctx context.Context) (map[string]bool, error) {
	out, err := g.call(ctx, "ls-files", "-z", "--full-name")
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for path := range strings.SplitSeq(out, "\x00") {
		if path != "" {
			known[path] = true
		}
	}
	return known, nil
}

// Person is somebody in the history.
type Person struct{ Name, Email string }

// Commit is one change in the history.
type Commit struct {
	ID                string
	Subject           string
	Author, Committer Person
	Time              time.Time // of the commit
	Parents           []string
}

// logFormat has one field for each that readCommits takes.
const logFormat = "%H%x1f%an%x1f%ae%x1f%cn%x1f%ce%x1f%ct%x1f%P%x1f%s%x1e"

const logFields = 8

// Log lists the commits that to has and from has not, newest first; with an
// empty from the whole history of to. Paths, if any are given, leave out what
// does not touch them.
func (g *Git) Log(ctx context.Context, from, to string, paths ...string) ([]Commit, error) {
	args := []string{"log", "--no-show-signature", "--no-mailmap", "--format=" + logFormat, "--end-of-options", between(from, to), "--"}
	out, err := g.call(ctx, append(args, paths...)...)
	if err != nil {
		return nil, err
	}
	return readCommits(out)
}

func between(from, to string) string {
	if from == "" {
		return to
	}
	return from + ".." + to
}

func readCommits(out string) ([]Commit, error) {
	var list []Commit
	for entry := range strings.SplitSeq(out, "\x1e") {
		f := strings.SplitN(strings.TrimPrefix(entry, "\n"), "\x1f", logFields)
		if len(f) < logFields {
			continue
		}
		when, err := unixTime(f[5])
		if err != nil {
			return nil, err
		}
		list = append(list, Commit{ID: f[0], Subject: f[7], Author: Person{f[1], f[2]}, Committer: Person{f[3], f[4]}, Time: when, Parents: strings.Fields(f[6])})
	}
	return list, nil
}

// People lists everybody who wrote or committed what to has and from has not,
// each once, under the names that the commits give and those that a mailmap
// gives to the same people.
func (g *Git) People(ctx context.Context, from, to string) ([]Person, error) {
	const format = "%an%x1f%ae%x1e%cn%x1f%ce%x1e%aN%x1f%aE%x1e%cN%x1f%cE%x1e"
	out, err := g.call(ctx, "log", "--no-show-signature", "--format="+format, "--end-of-options", between(from, to), "--")
	if err != nil {
		return nil, err
	}
	var list []Person
	seen := map[Person]bool{}
	for entry := range strings.SplitSeq(out, "\x1e") {
		name, email, ok := strings.Cut(strings.TrimPrefix(entry, "\n"), "\x1f")
		if p := (Person{name, email}); ok && !seen[p] {
			seen[p] = true
			list = append(list, p)
		}
	}
	return list, nil
}
