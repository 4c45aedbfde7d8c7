package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	approvalsDir = "approvals"
	consentFile  = "accepted.json"
)

// consent is the yes of somebody where no signatures are asked for.
type consent struct {
	Manifest string    `json:"manifest"` // digest
	By       Person    `json:"by"`
	Time     time.Time `json:"time"`
}

// Approve signs the newest manifest of a bundle and gives the path of the
// signature. Without a key it notes a consent, which counts only where the
// environment asks for no signatures.
func (b *Bundle) Approve(by Identity, now time.Time) (string, error) {
	s := b.Newest()
	if now.After(s.Manifest.Expires) {
		return "", &ExpiredError{s.Manifest.Expires}
	}
	dir := filepath.Join(s.dir, approvalsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if by.Signer == nil {
		return s.accept(by.Person, now)
	}
	sig, err := Sign(by.Signer, s.Bytes)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, strings.NewReplacer("SHA256:", "", "/", "_", "+", "-").Replace(fingerprint(by.Signer))+".sig")
	return path, writeFile(path, sig)
}

func (s *Sealed) accept(by Person, now time.Time) (string, error) {
	text, err := json.Marshal(consent{Manifest: s.Digest, By: by, Time: now.UTC()})
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.dir, approvalsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, consentFile)
	return path, writeFile(path, text)
}

// accepted says whether somebody has said yes, in whatever form, where no
// signatures are asked for.
func (s *Sealed) accepted() bool {
	var c consent
	if text, err := os.ReadFile(filepath.Join(s.dir, approvalsDir, consentFile)); err == nil && json.Unmarshal(text, &c) == nil && c.Manifest == s.Digest {
		return true
	}
	files, _ := filepath.Glob(filepath.Join(escapeGlob(s.dir), approvalsDir, "*.sig"))
	for _, path := range files {
		if sig, err := os.ReadFile(path); err == nil {
			if _, err := Verify(sig, s.Bytes); err == nil {
				return true
			}
		}
	}
	return false
}

// ExpiredError says that it is too late to approve or apply.
type ExpiredError struct{ At time.Time }

func (e *ExpiredError) Error() string {
	return fmt.Sprintf("the bundle has expired at %s: make a new one with terrace bundle create", e.At.Format(time.RFC3339))
}

// NoSignersError says that nobody may approve, since no file says who.
type NoSignersError struct{ Ref, Commit string }

func (e *NoSignersError) Error() string {
	return fmt.Sprintf("the environment needs approvals, and there is no %s at %s (%s): a commit there must add it", SignersFile, e.Ref, e.Commit)
}

// WaitingError says that a person has to say yes before anything goes on.
type WaitingError struct {
	Dir         string // of the bundle
	Round       int    // 0 for the bundle itself
	Need, Count int    // signatures; both 0 where any yes will do
	Votes       []Vote
	Why         []string // what has to be asked
}

func (e *WaitingError) Error() string {
	var b strings.Builder
	switch {
	case e.Need > 0:
		fmt.Fprintf(&b, "%d of %d approvals: ", e.Count, e.Need)
	case e.Round > 0:
		b.WriteString("not everything could be reviewed before: ")
	}
	what := "the bundle"
	if e.Round > 0 {
		what = fmt.Sprintf("round %d", e.Round)
	}
	fmt.Fprintf(&b, "%s waits for a person. Review it with `terrace bundle show %s`, approve it with `terrace bundle approve %s`, then run `terrace bundle apply %s` again", what, e.Dir, e.Dir, e.Dir)
	for _, v := range e.Votes {
		b.WriteString("\n  " + v.String())
	}
	for _, w := range e.Why {
		b.WriteString("\n  " + w)
	}
	return b.String()
}

// Votes judges the signatures over a manifest by the rules at the tip of the
// environment's first branch.
func (e *Engine) Votes(ctx context.Context, s *Sealed, env Environment) ([]Vote, error) {
	if e.Repo == nil {
		return nil, errors.New("approvals need a git repository")
	}
	branch := ""
	if len(env.Branches) > 0 {
		branch = env.Branches[0]
	} else {
		var err error
		if branch, err = e.Repo.DefaultBranch(ctx); err != nil {
			return nil, err
		}
	}
	tip, err := e.Repo.RemoteTip(ctx, branch)
	if err != nil {
		return nil, err
	}
	text, err := e.Repo.Show(ctx, tip.Commit, SignersFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoSignersError{tip.Short(), tip.Commit}
	}
	if err != nil {
		return nil, err
	}
	b := ballot{message: s.Bytes, creator: s.Manifest.Creator, now: e.Now()}
	if b.signers, err = ParseSigners(text); err != nil {
		return nil, fmt.Errorf("%s (%s): %w", tip.Short(), tip.Commit, err)
	}
	if b.people, err = e.people(ctx, s.Manifest); err != nil {
		return nil, err
	}
	return b.count(filepath.Join(s.dir, approvalsDir))
}

// people are the emails of those who wrote or committed what the bundle brings
// in, as far as the history goes back to the bundle before.
func (e *Engine) people(ctx context.Context, m *Manifest) ([]string, error) {
	shallow, err := e.git(ctx, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return nil, err
	}
	for _, commit := range []string{m.Commit, m.Since} {
		if commit == "" {
			continue
		}
		known, err := e.Repo.Resolve(ctx, commit)
		if err != nil {
			return nil, err
		}
		if known == "" {
			return nil, fmt.Errorf("the commit %s is not in this clone, so nobody knows who wrote what is applied: fetch the whole history", commit)
		}
	}
	if shallow == "true" && m.Since == "" {
		return nil, errors.New("this clone is shallow, so nobody knows who wrote what is applied: fetch the whole history (git fetch --unshallow)")
	}
	list, err := e.Repo.People(ctx, m.Since, m.Commit)
	if err != nil {
		return nil, err
	}
	var emails []string
	for _, p := range list {
		emails = append(emails, p.Email)
	}
	return emails, nil
}

// approved fails with a WaitingError unless enough people have signed.
func (e *Engine) approved(ctx context.Context, dir string, s *Sealed, env Environment) ([]Vote, error) {
	if env.Approvals == 0 {
		return nil, nil
	}
	votes, err := e.Votes(ctx, s, env)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, v := range votes {
		if v.Counts {
			n++
		}
	}
	if n < env.Approvals {
		return votes, &WaitingError{Dir: dir, Round: s.Manifest.Round, Need: env.Approvals, Count: n, Votes: votes}
	}
	return votes, nil
}
