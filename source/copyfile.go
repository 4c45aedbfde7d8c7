package source

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
)

// enter opens the folder of that name, making it if need be. A link or a
// file in its place is replaced, since a copy never goes through a link.
func enter(dir *os.Root, name string) (*os.Root, error) {
	info, err := dir.Lstat(name)
	switch {
	case err == nil && info.IsDir():
		return dir.OpenRoot(name)
	case err == nil:
		err = dir.Remove(name)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if err := dir.Mkdir(name, 0o755); err != nil {
		return nil, err
	}
	return dir.OpenRoot(name)
}

// putFile makes name in dir a copy of the file at path. A copy that is equal
// already is not written again, so that its time tells when it changed. The
// contents decide, not size and time: both can be the same for another text
// when a tool sets times, and reading small files is cheap.
func putFile(path string, dir *os.Root, name string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return putFileMode(path, dir, name, info.Mode().Perm()|0o600) // a copy of a read-only file can be edited
}

func putFileMode(path string, dir *os.Root, name string, mode fs.FileMode) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	old, err := dir.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return writeCopy(in, dir, name, mode)
	case err != nil:
		return err
	}
	if old.Mode().IsRegular() && old.Size() == info.Size() {
		same, err := sameContent(in, dir, name)
		if err != nil {
			return err
		}
		// A read-only file can be a hard link into the content store, the mode
		// of which is that of all its links: it is replaced, not changed.
		if have := old.Mode().Perm(); same && (have == mode || have&0o200 != 0) {
			fixMode(dir, name, have, mode)
			return nil
		}
		if _, err := in.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	if err := dir.Remove(name); err != nil {
		return err
	}
	return writeCopy(in, dir, name, mode)
}

// writeCopy creates the file anew: an existing one could be a hard link or
// a link to somewhere else.
func writeCopy(in io.Reader, dir *os.Root, name string, mode fs.FileMode) error {
	out, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	// The umask took bits away. Some file systems have no modes and refuse;
	// the copy is as good as it can be there.
	_ = out.Chmod(mode)
	return errors.Join(err, out.Close())
}

// fixMode gives an unchanged copy the mode of its original, where the file
// system has modes.
func fixMode(dir *os.Root, name string, have, want fs.FileMode) {
	if have != want {
		_ = dir.Chmod(name, want)
	}
}

func sameContent(in io.Reader, dir *os.Root, name string) (bool, error) {
	other, err := dir.Open(name)
	if err != nil {
		return false, nil // unreadable: write it anew
	}
	defer other.Close()
	var a, b [16 << 10]byte
	for {
		n, errA := io.ReadFull(in, a[:])
		m, errB := io.ReadFull(other, b[:])
		if n != m || !bytes.Equal(a[:n], b[:m]) {
			return false, nil
		}
		if errA != nil || errB != nil {
			return endedTogether(errA, errB)
		}
	}
}

// endedTogether interprets the errors that end a comparison of equal parts.
func endedTogether(a, b error) (bool, error) {
	if !ended(a) {
		return false, a
	}
	return ended(b), nil
}

func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// putLink makes name in dir a link with that target. The target was checked
// when the tree was scanned.
func putLink(dir *os.Root, name, target string) error {
	if have, err := dir.Readlink(name); err == nil && have == target {
		return nil
	}
	if err := dir.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return dir.Symlink(target, name)
}
