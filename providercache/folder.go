package providercache

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// hashFolder is the hash of a package that lock files call h1; "" where the
// folder is missing or cannot be read. It is that of Go's module checksums.
func hashFolder(dir string) string {
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		sums[filepath.ToSlash(rel)], err = sumOf(path)
		return err
	})
	if err != nil || len(sums) == 0 {
		return ""
	}
	names := make([]string, 0, len(sums))
	for name := range sums {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%s  %s\n", sums[name], name)
	}
	return "h1:" + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// moveFolder renames a folder, or copies it to another file system. The target
// is whole or not there.
func moveFolder(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if os.Rename(from, to) == nil {
		return nil
	}
	temp, err := os.MkdirTemp(filepath.Dir(to), ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	inner := filepath.Join(temp, "package")
	if err := os.CopyFS(inner, os.DirFS(from)); err != nil {
		return err
	}
	if err := os.Rename(inner, to); err != nil {
		return err
	}
	return os.RemoveAll(from)
}

// moveForLink moves a folder and leaves a link. Where there cannot be links
// nothing is moved.
func moveForLink(at, to string) error {
	link, err := linkBeside(at, to)
	if err != nil {
		return err
	}
	if err := moveFolder(at, to); err != nil {
		_ = os.Remove(link)
		return err
	}
	return os.Rename(link, at)
}

// swapForLink replaces a folder by a link to an equal one.
func swapForLink(at, to string) error {
	link, err := linkBeside(at, to)
	if err != nil {
		return err
	}
	aside := at + ".old"
	if err := os.Rename(at, aside); err != nil {
		_ = os.Remove(link)
		return err
	}
	if err := os.Rename(link, at); err != nil {
		_ = os.Rename(aside, at)
		_ = os.Remove(link)
		return err
	}
	return os.RemoveAll(aside)
}

func linkBeside(at, to string) (string, error) {
	link := at + ".link"
	_ = os.Remove(link) // of a process that was killed
	return link, symlink(to, link)
}

func symlink(to, at string) error {
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	return os.Symlink(to, at)
}
