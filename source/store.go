package source

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

// Options of a Store. The zero value is usable.
type Options struct {
	Log     *slog.Logger      // nil discards
	TempDir string            // where fetched trees are staged; "" is the system's
	Getters map[string]Getter // by Address.Kind, in addition to or instead of the built-in ones
	HTTP    *http.Client      // asks registries; nil for one of its own

	AWS    LoginAWS    // nil shows nothing to S3
	Google LoginGoogle // nil shows nothing to Cloud Storage

	Content    *Content         // shared with other runs of this machine; nil for none
	CloneDepth int              // of git history with Content; 0 is 1, below zero is all
	Retryable  func(error) bool // failures of a download that pass by themselves; nil is none
}

// Store brings the files of units to their working folders. It may be used
// by many goroutines. Close removes what it has staged.
type Store struct {
	log     *slog.Logger
	getters map[string]Getter
	stages  stages
	// revisions are those of sources, as they were fetched and as they are now,
	// by root URL; for the life of the process, like the stages.
	revisions revisions

	content   *Content
	depth     int
	retryable func(error) bool
	pause     func(ctx context.Context, attempt int) error // between two tries

	mu sync.Mutex
	// updated holds the roots for which Update was honoured. It lives as long
	// as the process, so that a unit which is read twice in one run does not
	// lose what the first reading has fetched and initialised.
	updated map[string]bool
}

// NewStore makes a Store with the built-in getters and those of o.
func NewStore(o Options) *Store {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	getters := builtinGetters(log, o)
	for kind, g := range o.Getters {
		getters[kind] = g
	}
	return &Store{
		log:     log,
		getters: getters,
		stages:  stages{parent: o.TempDir},
		updated: map[string]bool{},
		content: o.Content, depth: cmp.Or(o.CloneDepth, 1),
		retryable: o.Retryable, pause: pauseBetween,
	}
}

// Close removes the staged trees and keeps the content store within its
// usual limits if something was added to it. No fetch may be under way.
func (s *Store) Close() error {
	if s.content != nil {
		s.content.removing.Wait()
		s.content.tidy()
	}
	return s.stages.close()
}

// Stale reports whether Fetch is needed before the working folder can be
// used: it is incomplete, of another version, or an update is asked for. A
// local source that does not exist is stale; Fetch tells what is wrong.
func (s *Store) Stale(ctx context.Context, r Request) (bool, error) {
	if s.mustUpdate(r) {
		return true, nil
	}
	l := r.Layout()
	have, err := readVersion(l.Root)
	if err != nil {
		return false, err
	}
	if have == "" {
		return true, nil
	}
	if ok, err := HasModuleFiles(l.WorkDir); err != nil || !ok {
		return true, ignoreNotExist(err)
	}
	want, err := s.wantedVersion(ctx, r)
	if err != nil || want != have {
		return true, ignoreNotExist(err)
	}
	return s.uncovered(ctx, r)
}

func (s *Store) wantedVersion(ctx context.Context, r Request) (string, error) {
	local, ok := r.Address.LocalPath()
	if !ok {
		return r.remoteVersion(), nil
	}
	sc, err := r.scanner(local, s.log)
	if err != nil {
		return "", err
	}
	files, err := sc.scan(ctx)
	if err != nil {
		return "", err
	}
	return localVersion(local, files)
}

// uncovered reports whether a file of the unit that replaced one of the
// source is gone. The next CopyUnit will remove it, and the source's own
// has to come back.
func (s *Store) uncovered(ctx context.Context, r Request) (bool, error) {
	if r.SourceIsUnit() {
		return false, nil
	}
	sc, err := r.scanner(r.UnitDir, s.log)
	if err != nil {
		return false, err
	}
	unit, err := sc.scan(ctx)
	if err != nil {
		return false, err
	}
	work, err := os.OpenRoot(r.Layout().WorkDir)
	if err != nil {
		return false, err
	}
	defer work.Close()
	return lostCover(work, unit)
}

func lostCover(dir *os.Root, unit *folder) (bool, error) {
	copied, _, err := readManifest(dir, moduleManifest)
	if err != nil {
		return false, err
	}
	below, _, err := readManifest(dir, sourceManifest)
	if err != nil {
		return false, err
	}
	for _, name := range copied.files {
		if below.hasFile(name) && unit.find(name) == nil {
			return true, nil
		}
	}
	for _, name := range copied.dirs {
		if lost, err := lostCoverBelow(dir, name, unit); lost || err != nil {
			return lost, err
		}
	}
	return false, nil
}

func lostCoverBelow(dir *os.Root, name string, unit *folder) (bool, error) {
	info, err := dir.Lstat(name)
	if err != nil || !info.IsDir() {
		return false, ignoreNotExist(err)
	}
	inner, err := dir.OpenRoot(name)
	if err != nil {
		return false, err
	}
	defer inner.Close()
	var sub *folder
	if it := unit.find(name); it != nil {
		sub = it.dir
	}
	return lostCover(inner, sub)
}

// CopyUnit lays the unit's own files over the working folder, which must
// exist. Files that an earlier copy has put there and that the unit no longer
// has are removed; a file that is equal already is left alone.
func (s *Store) CopyUnit(ctx context.Context, r Request) error {
	sc, err := r.scanner(r.UnitDir, s.log)
	if err != nil {
		return err
	}
	files, err := sc.scan(ctx)
	if err != nil {
		return &CopyError{Path: r.UnitDir, Err: err}
	}
	l := r.Layout()
	if info, err := os.Stat(l.WorkDir); err != nil || !info.IsDir() {
		return &SubdirError{Subdir: l.WorkDir, Address: r.Address.String()}
	}
	lock, err := acquire(ctx, l.lockFile(), s.log)
	if err != nil {
		return err
	}
	defer lock.release()
	return inWorkDir(l, func(work *os.Root) error {
		o := &overlay{manifest: moduleManifest, log: s.log}
		return o.apply(ctx, files, r.UnitDir, work)
	})
}

// inWorkDir opens the working folder by way of the root, so that a link in
// the source cannot lead out of the root.
func inWorkDir(l Layout, do func(work *os.Root) error) error {
	root, err := os.OpenRoot(l.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	rel, err := filepath.Rel(l.Root, l.WorkDir)
	if err != nil {
		return err
	}
	work, err := root.OpenRoot(rel)
	if err != nil {
		return err
	}
	defer work.Close()
	return do(work)
}

func (s *Store) mustUpdate(r Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.Update && !s.updated[r.Layout().Root]
}

func (s *Store) setUpdated(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updated[r.Layout().Root] = true
}
