package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// FileError says that a file cannot be written.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("report %s: %v", e.File, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// Prepare makes sure that a file can be written later: it creates the folders
// above it and tries a temporary file there. The error is a *FileError.
func Prepare(file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return &FileError{File: file, Err: syscall.EISDIR}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return &FileError{File: file, Err: err}
	}
	f, err := temporary(file)
	if err != nil {
		return &FileError{File: file, Err: err}
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	return nil
}

// Save replaces a file as a whole with what write gives: no reader ever sees a
// part of it. The folders above it are created. The error is a *FileError.
func Save(file string, write func(io.Writer) error) error {
	if err := save(file, write); err != nil {
		return &FileError{File: file, Err: err}
	}
	return nil
}

func save(file string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := temporary(file)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// temporary opens a new file in the folder of another one, so that it can take
// its place by a rename.
func temporary(file string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(file), ".terrace-*")
}
