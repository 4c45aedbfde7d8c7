package source

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// overlay lays a scanned folder over one of the cache. What an earlier
// overlay of the same name had put there and is no longer wanted goes away;
// what nobody has listed stays.
//
// All work is done through os.Root: no link in the cache, whoever made it,
// leads a write or a deletion out of it.
type overlay struct {
	manifest string // name of the lists that this overlay keeps
	log      *slog.Logger
	mutable  bool // stored files become copies that can be edited
}

// apply lays f, which was scanned from folder from, over to.
func (o *overlay) apply(ctx context.Context, f *folder, from string, to *os.Root) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	old, data, err := readManifest(to, o.manifest)
	if err != nil {
		return err
	}
	now := manifestOf(f)
	if err := o.removeGone(to, old, now); err != nil {
		return err
	}
	// The list is written before the files: a copy that is interrupted leaves
	// none behind that no list knows.
	if fresh := now.encode(); !bytes.Equal(fresh, data) {
		if err := writeReplacing(to, o.manifest, fresh); err != nil {
			return err
		}
	}
	for _, it := range f.items {
		if err := o.put(ctx, it, from, to); err != nil {
			return err
		}
	}
	return nil
}

func (o *overlay) put(ctx context.Context, it item, from string, to *os.Root) error {
	full := filepath.Join(from, it.name)
	switch {
	case it.dir != nil:
		inner, err := enter(to, it.name)
		if err != nil {
			return &CopyError{Path: full, Err: err}
		}
		return errors.Join(o.apply(ctx, it.dir, full, inner), inner.Close())
	case it.link != "":
		return wrapCopy(full, putLink(to, it.name, it.link))
	case ctx.Err() != nil:
		return ctx.Err()
	case o.keepState(to, it.name):
		return nil
	}
	if it.blob != "" {
		return wrapCopy(filepath.Join(to.Name(), it.name), o.putStored(it, to))
	}
	return wrapCopy(full, putFile(full, to, it.name))
}

// keepState protects a local state in the cache. A state file beside the
// code is copied once, as a start; from then on the one in the cache is the
// newer one, and an overlay that replaced or removed it would lose state.
func (o *overlay) keepState(to *os.Root, name string) bool {
	if !isState(name) {
		return false
	}
	if _, err := to.Lstat(name); err != nil {
		return false
	}
	o.log.Debug("keeping the state in the cache", "path", filepath.Join(to.Name(), name))
	return true
}

func (o *overlay) removeGone(dir *os.Root, old, now manifest) error {
	for _, name := range old.files {
		if !now.hasFile(name) {
			if err := o.removeFile(dir, name); err != nil {
				return err
			}
		}
	}
	for _, name := range old.dirs {
		if !now.hasDir(name) {
			if err := o.removeDir(dir, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *overlay) removeFile(dir *os.Root, name string) error {
	info, err := dir.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() || o.keepState(dir, name) {
		return nil // somebody has put something else there
	}
	return dir.Remove(name)
}

// removeDir takes away what the lists in a folder name, and the folder too
// if nothing else is in it.
func (o *overlay) removeDir(dir *os.Root, name string) error {
	info, err := dir.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return nil // a link in its place was not made by a copy
	}
	inner, err := dir.OpenRoot(name)
	if err != nil {
		return err
	}
	if err := errors.Join(o.strip(inner), inner.Close()); err != nil {
		return err
	}
	if empty, err := isEmpty(dir, name); err != nil || !empty {
		return err
	}
	return dir.Remove(name)
}

// strip undoes an overlay: all that its lists name is removed, and the lists.
func (o *overlay) strip(dir *os.Root) error {
	old, data, err := readManifest(dir, o.manifest)
	if err != nil || data == nil {
		return err
	}
	if err := o.removeGone(dir, old, manifest{}); err != nil {
		return err
	}
	return dir.Remove(o.manifest)
}

func isEmpty(dir *os.Root, name string) (bool, error) {
	f, err := dir.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	names, err := f.Readdirnames(1)
	if len(names) > 0 {
		return false, nil
	}
	return true, ignoreEOF(err)
}

func wrapCopy(path string, err error) error {
	if err == nil {
		return nil
	}
	return &CopyError{Path: path, Err: err}
}
