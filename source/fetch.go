package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// erroredState is what the binary leaves when it could not save a state.
const erroredState = "errored.tfstate"

// origin is a source whose files are on this machine: a folder of the
// user's, or a staged tree.
type origin struct {
	dir     string
	files   *folder
	version string
	stage   *stage // nil for a local source
}

// Fetch brings the source to the cache: it downloads a remote one (once in a
// process, however many units use it), lays the files over what is there, and
// writes the version last. A working folder that had another version is
// marked, so that the binary is initialised again. The unit's own files are
// taken out; CopyUnit has to follow.
func (s *Store) Fetch(ctx context.Context, r Request) error {
	from, err := s.open(ctx, r)
	if err != nil {
		return s.fetchError(ctx, r, err)
	}
	l := r.Layout()
	lock, err := acquire(ctx, l.lockFile(), s.log)
	if err != nil {
		return err
	}
	defer lock.release()
	update := s.mustUpdate(r)
	if lock.waited && !update {
		// Another process may have done the same work in the meantime.
		if stale, err := s.Stale(ctx, r); err == nil && !stale {
			return nil
		}
	}
	err = s.install(ctx, r, from, update)
	if errors.Is(err, fs.ErrNotExist) && from.stage != nil && from.stage.files != nil {
		// Somebody has removed files of the content store in the meantime.
		s.stages.forget(from.stage)
		s.log.Debug("the content store has lost files, fetching again", "error", err)
		if from, err = s.open(ctx, r); err != nil {
			return s.fetchError(ctx, r, err)
		}
		err = s.install(ctx, r, from, update)
	}
	if err != nil {
		return err
	}
	if update {
		s.setUpdated(r)
	}
	if !isDir(l.WorkDir) {
		return &SubdirError{Subdir: r.Address.Subdir(), Address: r.Address.String()}
	}
	return nil
}

func (s *Store) fetchError(ctx context.Context, r Request, err error) error {
	if cause := ctx.Err(); cause != nil {
		err = cause
	}
	return &FetchError{Address: r.Address.String(), Err: scrubError(err, secrets(r.Address))}
}

// open finds the files of a source, fetching them if need be, and checks
// that the wanted sub-path is there before anything in the cache is touched.
func (s *Store) open(ctx context.Context, r Request) (*origin, error) {
	from, err := s.locate(ctx, r)
	if err != nil {
		return nil, err
	}
	if from.files != nil {
		from.version = r.remoteVersion()
		return from, nil
	}
	sc := &scanner{root: from.dir, log: s.log}
	if _, local := r.Address.LocalPath(); local {
		if sc, err = r.scanner(from.dir, s.log); err != nil {
			return nil, err
		}
	}
	if from.files, err = sc.scan(ctx); err != nil {
		return nil, err
	}
	from.version = r.remoteVersion()
	if sc.follow {
		from.version, err = localVersion(from.dir, from.files)
	}
	return from, err
}

// locate says where a source is on this machine, downloading it if need be,
// and checks that the wanted sub-path is in it. Files are set when they are in
// the content store.
func (s *Store) locate(ctx context.Context, r Request) (*origin, error) {
	missing := &SubdirError{Subdir: r.Address.Subdir(), Address: r.Address.String()}
	from := &origin{}
	if dir, local := r.Address.LocalPath(); local {
		if err := mustBeDir(dir); err != nil {
			return nil, err
		}
		from.dir = dir
	} else {
		st, err := s.stages.get(ctx, r.stageKey(), func(ctx context.Context, dest string) (*folder, error) {
			return s.bring(ctx, r, dest)
		})
		if err != nil {
			return nil, err
		}
		from.stage, from.dir, from.files = st, st.dir, st.files
	}
	if from.files != nil {
		if !from.files.holdsDir(r.Address.Subdir()) {
			return nil, missing
		}
		return from, nil
	}
	if !isDir(filepath.Join(from.dir, filepath.FromSlash(r.Address.Subdir()))) {
		return nil, missing
	}
	return from, nil
}

// Prefetch makes sure that a source which Fetch will need can be had, and has
// a remote one downloaded for it. It leaves the cache as it is.
func (s *Store) Prefetch(ctx context.Context, r Request) error {
	stale, err := s.Stale(ctx, r)
	if err != nil || !stale {
		return err
	}
	if _, err := s.locate(ctx, r); err != nil {
		return s.fetchError(ctx, r, err)
	}
	return nil
}

// install lays an origin over the cache. Until the new version is written
// the folder has none, so that an interruption is repaired by the next run.
func (s *Store) install(ctx context.Context, r Request, from *origin, update bool) error {
	l := r.Layout()
	previous, err := readVersion(l.Root)
	if err != nil {
		return err
	}
	if update {
		if err := s.emptyRoot(ctx, l.Root); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(l.Root, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(l.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	reinit := previous != "" && previous != from.version
	if err := s.unsettle(l, root, reinit); err != nil {
		return err
	}
	o := &overlay{manifest: sourceManifest, log: s.log, mutable: r.Mutable}
	if err := o.apply(ctx, from.files, from.dir, root); err != nil {
		return err
	}
	if reinit && isDir(l.WorkDir) {
		if err := inWorkDir(l, markInit); err != nil {
			return err
		}
	}
	return writeReplacing(root, versionFile, []byte(from.version))
}

// unsettle prepares an existing copy for a new one: the mark that asks for
// init is set first, since the version that calls for it is removed next,
// and the unit's files are taken off, since they may cover files of the
// source.
func (s *Store) unsettle(l Layout, root *os.Root, reinit bool) error {
	if isDir(l.WorkDir) {
		err := inWorkDir(l, func(work *os.Root) error {
			if reinit {
				if err := markInit(work); err != nil {
					return err
				}
			}
			return (&overlay{manifest: moduleManifest, log: s.log}).strip(work)
		})
		if err != nil {
			return err
		}
	}
	return ignoreNotExist(root.Remove(versionFile))
}

func markInit(work *os.Root) error {
	f, err := work.OpenFile(initRequired, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

// mustBeDir describes a missing folder in the same words on every system.
func mustBeDir(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
	case err != nil:
		return err
	case !info.IsDir():
		return &fs.PathError{Op: "open", Path: path, Err: syscall.ENOTDIR}
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
