//go:build unix

package remote

import (
	"os"

	"golang.org/x/sys/unix"
)

// fileLocked tells whether a process other than ours holds a lock on a file.
func fileLocked(path string) (held, known bool) {
	f, err := os.Open(path)
	if err != nil {
		return false, os.IsNotExist(err)
	}
	defer f.Close() //nolint:errcheck // opened for reading
	ask := unix.Flock_t{Type: unix.F_RDLCK, Whence: 0}
	if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &ask); err != nil {
		return false, false
	}
	return ask.Type != unix.F_UNLCK, true
}
