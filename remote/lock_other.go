//go:build !unix

package remote

import (
	"errors"
	"io"
	"os"
)

// fileLocked tells whether a process holds a lock on a file: where locks are
// mandatory, a locked range cannot be read.
func fileLocked(path string) (held, known bool) {
	f, err := os.Open(path)
	if err != nil {
		return !os.IsNotExist(err), true
	}
	defer f.Close() //nolint:errcheck // opened for reading
	_, err = f.Read(make([]byte, 1))
	return err != nil && !errors.Is(err, io.EOF), true
}
