package source

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// rootLinkSize is the size from which files are linked when programs run as
// root.
const rootLinkSize = 64 << 10

// putStored makes name in dir a hard link to a blob, or a copy of it where a
// link cannot be or would not be safe. Both are read-only, unless the overlay
// is to be edited or the binary writes the file itself. Whatever was there is removed first and never written to:
// it can be a link to a blob itself.
func (o *overlay) putStored(it item, dir *os.Root) error {
	if o.mutable || isState(it.name) || it.name == lockFileName {
		return putFileMode(it.blob, dir, it.name, it.mode|0o600)
	}
	if linkable(it) {
		done, err := tryLink(it, dir)
		if done || err != nil {
			return err
		}
	}
	return putFileMode(it.blob, dir, it.name, it.mode)
}

// linkable reports whether a blob may be shared with a working folder. What
// protects it there is that it is read-only, and for root nothing is. A
// hook that edits in place would then change the file for all units, so that
// for root the files that hooks edit are copied: configuration and all that
// is small. The large ones are what links save.
func linkable(it item) bool {
	return protectsReadOnly() || it.size >= rootLinkSize && !isConfigFile(it.name)
}

func isConfigFile(name string) bool {
	for _, ext := range []string{".tfvars", ".tfvars.json", ".hcl"} {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return isModuleFile(name)
}

// tryLink reports false where a copy has to be made: the same contents are
// stored with another mode, or the file system has no link for it.
func tryLink(it item, dir *os.Root) (bool, error) {
	blob, err := os.Lstat(it.blob)
	if err != nil {
		return false, err
	}
	if blob.Mode() != it.mode {
		return false, nil
	}
	old, err := dir.Lstat(it.name)
	switch {
	case err == nil && os.SameFile(old, blob):
		return true, nil
	case err == nil:
		if err := dir.Remove(it.name); err != nil {
			return false, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	return linkInto(dir, it.name, it.blob) == nil, nil
}
