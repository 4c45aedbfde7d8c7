package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is one to be written.
type File struct {
	Path string // absolute
	Text []byte
	Mode fs.FileMode
}

// writeAll writes all files or none: what was there before comes back when one
// cannot be written. Each replaces its predecessor as a whole.
func writeAll(files []File) error {
	w := &writing{}
	for _, f := range files {
		if err := w.prepare(f); err != nil {
			return errors.Join(err, w.undo())
		}
	}
	for i := range w.steps {
		if err := w.place(&w.steps[i]); err != nil {
			return errors.Join(err, w.undo())
		}
	}
	return nil
}

// writing is what has been done so far.
type writing struct {
	dirs  []string // made, outermost first
	steps []writeStep
}

type writeStep struct {
	path, temp string
	before     []byte // nil where there was no file
	mode       fs.FileMode
	placed     bool
}

// prepare writes the new text beside its place.
func (w *writing) prepare(f File) error {
	if err := w.makeDir(filepath.Dir(f.Path)); err != nil {
		return err
	}
	s := writeStep{path: f.Path}
	info, err := os.Lstat(f.Path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file, so that it is not replaced", f.Path)
	case err == nil:
		if s.before, err = os.ReadFile(f.Path); err != nil {
			return err
		}
		if s.before == nil {
			s.before = []byte{}
		}
		s.mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if s.temp, err = writeTemp(f); err != nil {
		return err
	}
	w.steps = append(w.steps, s)
	return nil
}

func writeTemp(f File) (string, error) {
	t, err := os.CreateTemp(filepath.Dir(f.Path), ".terrace-*")
	if err != nil {
		return "", err
	}
	mode := f.Mode.Perm()
	if mode == 0 {
		mode = 0o644
	}
	_, err = t.Write(f.Text)
	if err = errors.Join(err, t.Chmod(mode), t.Sync(), t.Close()); err != nil {
		_ = os.Remove(t.Name())
		return "", err
	}
	return t.Name(), nil
}

func (w *writing) makeDir(dir string) error {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || filepath.Dir(d) == d {
			break
		}
		missing = append([]string{d}, missing...)
	}
	for _, d := range missing {
		if err := os.Mkdir(d, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		w.dirs = append(w.dirs, d)
	}
	return nil
}

func (w *writing) place(s *writeStep) error {
	if err := os.Rename(s.temp, s.path); err != nil {
		return err
	}
	s.temp, s.placed = "", true
	return nil
}

// undo puts back what was there.
func (w *writing) undo() error {
	var errs []error
	for _, s := range w.steps {
		switch {
		case s.temp != "":
			errs = append(errs, os.Remove(s.temp))
		case s.placed && s.before == nil:
			errs = append(errs, os.Remove(s.path))
		case s.placed:
			temp, err := writeTemp(File{Path: s.path, Text: s.before, Mode: s.mode})
			if err == nil {
				err = os.Rename(temp, s.path)
			}
			errs = append(errs, err)
		}
	}
	for i := len(w.dirs) - 1; i >= 0; i-- {
		_ = os.Remove(w.dirs[i]) // one that is not empty is somebody else's by now
	}
	return errors.Join(errs...)
}
