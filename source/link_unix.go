//go:build !windows

package source

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// linkInto makes name in dir a hard link to the file at path. It goes by the
// open folder, not by its path, which somebody could have replaced by a link.
func linkInto(dir *os.Root, name, path string) error {
	d, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	return unix.Linkat(unix.AT_FDCWD, path, int(d.Fd()), name, 0)
}

// protectsReadOnly reports whether a file without write permission is safe
// from programs that this process starts. It is not from those of root.
func protectsReadOnly() bool { return os.Geteuid() != 0 }

// sharedFile reports whether a file has other names, so that removing this
// one frees nothing.
func sharedFile(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink > 1
}
