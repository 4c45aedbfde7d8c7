package source

import (
	"errors"
	"io/fs"
	"os"
)

// linkInto refuses: a read-only file cannot be removed by most programs of
// this system, and a hard link shares that mark with the store.
func linkInto(*os.Root, string, string) error { return errors.ErrUnsupported }

func protectsReadOnly() bool { return true }

// sharedFile is never so: nothing is linked here.
func sharedFile(fs.FileInfo) bool { return false }
