package promote

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// WriteError says that an edit could not be written. Nothing was changed,
// unless Left names files.
type WriteError struct {
	File string
	Left []string // files that could not be put back
	Err  error
}

func (e *WriteError) Error() string {
	text := fmt.Sprintf("%s: the edit could not be written: %v", e.File, e.Err)
	if len(e.Left) > 0 {
		return text + fmt.Sprintf("; these files could not be put back and are edited: %v", e.Left)
	}
	return text + "; nothing was changed"
}

func (e *WriteError) Unwrap() error { return e.Err }

// Write replaces files by their edited texts: all of them, or none. Each is
// written whole beside the old one, synced and renamed; modes are kept, and
// links are followed.
func Write(texts map[string][]byte) error {
	w := &writing{}
	files := slices.Sorted(maps.Keys(texts))
	for _, file := range files {
		if err := w.prepare(file, texts[file]); err != nil {
			w.drop()
			return &WriteError{File: file, Err: err}
		}
	}
	return w.rename()
}

// writing is one call of Write.
type writing struct{ list []replacement }

type replacement struct {
	path string // without links
	temp string
	old  []byte
	mode os.FileMode
}

func (w *writing) prepare(file string, text []byte) error {
	path, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	temp, err := beside(path, text, info.Mode().Perm())
	if err != nil {
		return err
	}
	w.list = append(w.list, replacement{path, temp, old, info.Mode().Perm()})
	return nil
}

// beside writes a text to a new file in the folder of another one.
func beside(path string, text []byte, mode os.FileMode) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".terrace-edit-*")
	if err != nil {
		return "", err
	}
	_, err = bytes.NewReader(text).WriteTo(f)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// rename puts all in place, or none.
func (w *writing) rename() error {
	for i := range w.list {
		if err := os.Rename(w.list[i].temp, w.list[i].path); err != nil {
			return &WriteError{File: w.list[i].path, Left: w.takeBack(i), Err: err}
		}
	}
	return nil
}

// drop removes what was prepared.
func (w *writing) drop() {
	for _, r := range w.list {
		_ = os.Remove(r.temp)
	}
}

// takeBack restores the first n files and gives those for which that failed.
func (w *writing) takeBack(n int) (left []string) {
	for _, r := range w.list[:n] {
		temp, err := beside(r.path, r.old, r.mode)
		if err == nil {
			err = os.Rename(temp, r.path)
		}
		if err != nil {
			left = append(left, r.path)
		}
	}
	for _, r := range w.list[n:] {
		_ = os.Remove(r.temp)
	}
	return left
}
