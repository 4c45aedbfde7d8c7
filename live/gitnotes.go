package live

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
)

// NotesRef is where promotions and overridden guards are recorded: notes on
// commits, one JSON object a line.
const NotesRef = "refs/notes/terrace"

// tries bounds how often a note is written again because somebody else wrote
// one meanwhile.
const tries = 10

// AddNote appends a record to the notes of a commit. What others write at the
// same time is kept.
func (g *Git) AddNote(ctx context.Context, commit string, record any) error {
	text, err := oneLine(record)
	if err != nil {
		return err
	}
	env, err := g.identity(ctx)
	if err != nil {
		return err
	}
	for range tries {
		done, err := g.appendNote(ctx, commit, text, env)
		if err != nil || done {
			return err
		}
	}
	return fmt.Errorf("%s: somebody else kept writing notes: try again", NotesRef)
}

// oneLine gives a value as JSON in one line, with names as people write them.
func oneLine(value any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return b.String(), err
}

// appendNote writes a note under a name of its own and then moves the notes
// there, unless they have moved meanwhile; git's own command would not notice.
func (g *Git) appendNote(ctx context.Context, commit, text string, env []string) (done bool, err error) {
	before, err := g.line(ctx, "rev-parse", "--verify", "--quiet", NotesRef)
	if err != nil {
		return false, err
	}
	own := NotesRef + "-" + strings.ToLower(rand.Text())
	if before != "" {
		if _, err := g.call(ctx, "update-ref", own, before); err != nil {
			return false, err
		}
	}
	defer func() {
		_, dropErr := g.run(context.WithoutCancel(ctx), configstack.GitCommand{Dir: g.root, Args: []string{"update-ref", "-d", own}, Cleanup: true})
		err = errors.Join(err, dropErr)
	}()
	add := configstack.GitCommand{Dir: g.root, Env: env, Stdin: text, Args: []string{"notes", "--ref=" + own, "append", "--file=-", commit}}
	if _, err := g.run(ctx, add); err != nil {
		return false, err
	}
	after, err := g.line(ctx, "rev-parse", "--verify", "--quiet", own)
	if err != nil {
		return false, err
	}
	_, err = g.call(ctx, "update-ref", "-m", "terrace: note", NotesRef, after, before)
	if err == nil {
		return true, nil
	}
	now, askErr := g.line(ctx, "rev-parse", "--verify", "--quiet", NotesRef)
	if askErr != nil || now == before && !isLocked(err) {
		return false, errors.Join(err, askErr) // not because of somebody else
	}
	return false, nil
}

func isLocked(err error) bool { return strings.Contains(err.Error(), ".lock") }

// identity is for who runs without a name, as a machine does: a record must
// not be lost for that.
func (g *Git) identity(ctx context.Context) ([]string, error) {
	who, err := g.line(ctx, "var", "GIT_COMMITTER_IDENT")
	if err != nil || who != "" {
		return nil, err
	}
	return []string{"GIT_COMMITTER_NAME=terrace", "GIT_COMMITTER_EMAIL=terrace@localhost", "GIT_AUTHOR_NAME=terrace", "GIT_AUTHOR_EMAIL=terrace@localhost"}, nil
}

// Notes gives the records on a commit, in the order in which they were made.
// What is no record of ours is passed over.
func (g *Git) Notes(ctx context.Context, commit string) ([]json.RawMessage, error) {
	text, err := g.line(ctx, "notes", "--ref="+NotesRef, "show", commit)
	if err != nil {
		return nil, err
	}
	return readNotes(text), nil
}

// AllNotes gives the records of all commits, by commit.
func (g *Git) AllNotes(ctx context.Context) (map[string][]json.RawMessage, error) {
	list, err := g.line(ctx, "notes", "--ref="+NotesRef, "list")
	if err != nil {
		return nil, err
	}
	all := map[string][]json.RawMessage{}
	for entry := range strings.Lines(list) {
		blob, commit, ok := strings.Cut(strings.TrimSpace(entry), " ")
		if !ok {
			continue
		}
		text, err := g.call(ctx, "cat-file", "blob", blob)
		if err != nil {
			return nil, err
		}
		all[commit] = readNotes(text)
	}
	return all, nil
}

func readNotes(text string) []json.RawMessage {
	var list []json.RawMessage
	for line := range strings.Lines(text) {
		dec := json.NewDecoder(bytes.NewReader([]byte(line)))
		var one json.RawMessage
		if err := dec.Decode(&one); err == nil && len(one) > 0 && one[0] == '{' {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				list = append(list, one)
			}
		}
	}
	return list
}

// SyncNotes brings the notes of the remote and ours together, on both sides.
// Without a remote there is nothing to do.
func (g *Git) SyncNotes(ctx context.Context) error {
	remote, err := g.Remote(ctx, "")
	if err != nil || remote == "" {
		return err
	}
	env, err := g.identity(ctx)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		if err := g.mergeNotes(ctx, remote, env); err != nil {
			return err
		}
		ours, err := g.line(ctx, "rev-parse", "--verify", "--quiet", NotesRef)
		if err != nil || ours == "" {
			return err
		}
		_, err = g.call(ctx, "push", "--quiet", "--", remote, NotesRef+":"+NotesRef)
		if err == nil || try == tries {
			return err
		}
	}
}

// mergeNotes joins the remote's notes to ours: every line that either has.
func (g *Git) mergeNotes(ctx context.Context, remote string, env []string) error {
	theirs := "refs/notes/terrace-remote/" + remote
	if out, err := g.call(ctx, "ls-remote", "--", remote, NotesRef); err != nil || out == "" {
		return err
	}
	if _, err := g.call(ctx, "fetch", "--quiet", "--no-tags", "--", remote, "+"+NotesRef+":"+theirs); err != nil {
		return err
	}
	_, err := g.run(ctx, configstack.GitCommand{Dir: g.root, Env: env, Args: []string{"notes", "--ref=" + NotesRef, "merge", "--quiet", "--strategy=cat_sort_uniq", theirs}})
	return err
}
