package source

import (
	"crypto/sha1"
	"encoding/base64"
	"path/filepath"
)

// Layout says where the files of one unit lie in the cache.
type Layout struct {
	Root    string // the whole source
	WorkDir string // the sub-path within, in which the binary runs
}

// NewLayout gives <downloadDir>/<W>/<S>[/<subdir>]: W is made from the
// absolute unit folder, S from the root URL without its query, so that
// another ref of the same repository uses the same folder (and keeps the
// state in it).
func NewLayout(downloadDir, unitDir string, a Address) Layout {
	unit := filepath.ToSlash(filepath.Clean(unitDir))
	root := filepath.Join(downloadDir, shortHash(unit), shortHash(a.plain()))
	return Layout{Root: root, WorkDir: filepath.Join(root, filepath.FromSlash(a.sub))}
}

// lockFile lies beside the root, since the root itself can be deleted.
func (l Layout) lockFile() string {
	return filepath.Join(filepath.Dir(l.Root), "."+filepath.Base(l.Root)+".lock")
}

// shortHash is unpadded base64url of SHA-1: a name, not a protection.
func shortHash(s string) string {
	sum := sha1.Sum([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
