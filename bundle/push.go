package bundle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
)

// ErrNotEncrypted says that a bundle must not leave the machine.
var ErrNotEncrypted = errors.New("--push: plans can hold secrets: a bundle is pushed only if it was made with --encrypt-to")

// pushTries is how often a push is tried that others get in the way of.
const pushTries = 5

// bundleRef is where a bundle is kept at the remote.
func bundleRef(digest string) string { return "refs/terrace/bundles/" + digest }

// Push keeps a bundle with its approvals and its journal at the remote. What
// others have added there meanwhile is brought here first.
func (e *Engine) Push(ctx context.Context, dir string) error {
	b, err := Open(dir, nil)
	if err != nil {
		return err
	}
	if !b.Base.Manifest.Encrypted {
		return ErrNotEncrypted
	}
	if e.Repo == nil {
		return errors.New("--push: there is no git repository to push from")
	}
	ref := bundleRef(b.Base.Digest)
	for try := 1; ; try++ {
		if err := e.Pull(ctx, dir); err != nil {
			return err
		}
		if err := e.commitBundle(ctx, dir, ref); err != nil {
			return err
		}
		err := e.Repo.Push(ctx, ref+":"+ref)
		if err == nil || try == pushTries || ctx.Err() != nil {
			return err
		}
	}
}

// commitBundle adds a commit of the folder to the reference, if anything has
// changed. The index and the work tree of the repository stay as they are.
func (e *Engine) commitBundle(ctx context.Context, dir, ref string) (err error) {
	tmp, err := os.MkdirTemp("", "terrace-index-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	ask := func(args ...string) (string, error) {
		out, err := e.Git(ctx, configstack.GitCommand{Dir: e.Root, Args: args, Env: []string{
			"GIT_INDEX_FILE=" + filepath.Join(tmp, "index"),
			"GIT_AUTHOR_NAME=terrace", "GIT_AUTHOR_EMAIL=terrace@localhost", "GIT_COMMITTER_NAME=terrace", "GIT_COMMITTER_EMAIL=terrace@localhost",
		}})
		return strings.TrimSpace(out), err
	}
	if _, err := ask("--work-tree="+dir, "add", "--all", "--force", "--", dir); err != nil {
		return err
	}
	tree, err := ask("write-tree")
	if err != nil {
		return err
	}
	before, err := e.Repo.Resolve(ctx, ref)
	if err != nil {
		return err
	}
	args := []string{"commit-tree", tree, "-m", "bundle"}
	if before != "" {
		if have, err := ask("rev-parse", before+"^{tree}"); err != nil || have == tree {
			return err
		}
		args = append(args, "-p", before)
	}
	commit, err := ask(args...)
	if err == nil {
		_, err = ask("update-ref", ref, commit)
	}
	return err
}

// Pull brings the approvals, the rounds and the journal that are at the remote
// into the folder of a bundle. What is here stays.
func (e *Engine) Pull(ctx context.Context, dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return fmt.Errorf("%s: there is no bundle in this folder", dir)
	}
	if e.Repo == nil {
		return errors.New("--push: there is no git repository to push from")
	}
	ref := bundleRef(digest(b))
	remote, err := e.Repo.Remote(ctx, "")
	if err != nil {
		return err
	}
	if remote == "" {
		return errors.New("--push: there is no remote to push to")
	}
	there, err := e.git(ctx, "ls-remote", "--quiet", "--", remote, ref)
	if err != nil || there == "" {
		return err
	}
	if _, err := e.git(ctx, "fetch", "--quiet", "--no-tags", "--", remote, "+"+ref+":"+ref); err != nil {
		return err
	}
	list, err := e.git(ctx, "ls-tree", "-r", "-z", "--full-tree", "--name-only", ref)
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(list, "\x00") {
		if name == "" || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		if err := e.pullFile(ctx, dir, ref, name); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) pullFile(ctx context.Context, dir, ref, name string) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	have, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && name != JournalName {
		return nil
	}
	text, err := e.Repo.Show(ctx, ref, name)
	if err != nil {
		return err
	}
	if name == JournalName {
		text = mergeJournals(have, text)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeFile(path, text)
}

// mergeJournals adds the lines of there that are not here. Each journal is in
// the order of time, and only one job applies at once.
func mergeJournals(here, there []byte) []byte {
	seen := map[string]bool{}
	var out strings.Builder
	for _, text := range []string{string(there), string(here)} {
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n") + "\n"
			if !seen[line] {
				seen[line] = true
				out.WriteString(line)
			}
		}
	}
	return []byte(out.String())
}
