package cli

import (
	"errors"
	"os"
	"path/filepath"
)

// writeAtomic replaces a file as a whole: what was there stays until the new
// text is on disk.
func writeAtomic(path string, text []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".terrace-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
