package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// probe is what a source holds at this moment, told without a download.
type probe struct {
	key    string // "" when it cannot be told
	tag    string // name of the tag that was asked for, "" for all else
	commit string // that the tag names
}

// prober is a getter that can tell what a download would bring.
type prober interface {
	probe(ctx context.Context, j Job, dir string) (probe, error)
}

// keyed is a getter that can tell what it has brought.
type keyed interface {
	getKeyed(ctx context.Context, j Job) (key string, err error)
}

// bring gets the files of a remote source: by way of the store, whose trees
// it returns as such, or into dest and nil.
func (s *Store) bring(ctx context.Context, r Request, dest string) (*folder, error) {
	if s.content == nil {
		return nil, s.download(ctx, r, dest)
	}
	files, err := s.fromContent(ctx, r)
	var failed *downloadError
	switch {
	case err == nil:
		return files, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &failed):
		return nil, failed.err // the same would happen without the store
	}
	s.log.Warn(fmt.Sprintf("CAS download failed: %v. Falling back to standard getter.", scrubError(err, secrets(r.Address))))
	return nil, s.download(ctx, r, dest)
}

// downloadError marks what went wrong outside the store.
type downloadError struct{ err error }

func (e *downloadError) Error() string { return e.err.Error() }
func (e *downloadError) Unwrap() error { return e.err }

// fromContent gives the tree of a source, downloading it if it is not stored.
// One process of the machine downloads it, and the others wait.
func (s *Store) fromContent(ctx context.Context, r Request) (*folder, error) {
	c := s.content
	key := s.probe(ctx, r)
	if key != "" {
		if files := c.lookup(ctx, key); files != nil {
			s.log.Debug("found a source in the store", "url", r.Address.String(), "key", key)
			s.noteRevision(r.Address, key)
			return files, nil
		}
		lock, err := c.lock(ctx, key)
		if err != nil {
			return nil, err
		}
		defer lock.release()
		if files := c.lookup(ctx, key); files != nil {
			s.noteRevision(r.Address, key)
			return files, nil
		}
	}
	dir, err := c.temp()
	if err != nil {
		return nil, err
	}
	defer s.content.removeLater(dir)
	tree := filepath.Join(dir, "tree")
	found, err := s.downloadKeyed(ctx, r, tree)
	if err != nil {
		return nil, &downloadError{err}
	}
	if found == "" {
		found = key
	}
	files, err := (&scanner{root: tree, log: s.log}).scan(ctx)
	if err != nil {
		return nil, err
	}
	return files, c.ingest(ctx, found, tree, files)
}

// removeLater removes a folder of a download while others go on with what is
// stored. What a killed process leaves of it is removed by [Content.Prune].
func (c *Content) removeLater(dir string) {
	c.removing.Go(func() {
		if err := os.RemoveAll(dir); err != nil {
			c.log.Debug("removing a temporary folder", "error", err)
		}
	})
}

// noteRevision remembers which commit was found in the store, as a download
// does.
func (s *Store) noteRevision(a Address, key string) {
	if commit, ok := strings.CutPrefix(key, commitKey("")); ok {
		s.revisions.fetched.Store(a.Root(), commit)
	}
}

// probe asks what a source holds now. A failure is none: the download tells
// better what is wrong.
func (s *Store) probe(ctx context.Context, r Request) string {
	g, ok := s.getters[r.Address.Kind()].(prober)
	if !ok {
		return ""
	}
	if err := os.MkdirAll(s.content.root, 0o700); err != nil {
		return ""
	}
	p, err := g.probe(ctx, s.job(r, ""), s.content.root)
	if err != nil {
		s.log.Debug("cannot tell what a source holds", "url", r.Address.String(), "error", scrubError(err, secrets(r.Address)))
		return ""
	}
	if p.tag != "" {
		s.noticeMoved(ctx, r, p)
	}
	return p.key
}
