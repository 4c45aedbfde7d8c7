package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/run"
)

// content collects the files that a plan was made of.
type content struct {
	root  string
	lines []string
}

// contentDigest is over path, mode and sha256 of the files that the evaluation
// has read and of those of the prepared module. Environment, output of
// commands and absolute paths are no part of it, so that another checkout of
// the same files has the same one.
// The list itself is given too.
func contentDigest(root string, reads []string, p run.Prepared) (digest string, list []byte, err error) {
	c := &content{root: root}
	for _, path := range reads {
		rel, err := filepath.Rel(root, path)
		if err != nil {
			rel = filepath.Base(path) // another drive
		}
		if err := c.file("read "+filepath.ToSlash(rel), path); err != nil {
			return "", nil, err
		}
	}
	if err := c.module(p); err != nil {
		return "", nil, err
	}
	slices.Sort(c.lines)
	list = []byte(strings.Join(slices.Compact(c.lines), ""))
	sum := sha256.Sum256(list)
	return hex.EncodeToString(sum[:]), list, nil
}

func (c *content) module(p run.Prepared) error {
	written := map[string]bool{}
	for _, name := range p.Written {
		written[filepath.Join(p.WorkDir, filepath.FromSlash(name))] = true
	}
	top := p.Root
	if rel, err := filepath.Rel(top, p.WorkDir); err != nil || !filepath.IsLocal(rel) {
		top = p.WorkDir
	}
	return filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == top:
			return nil
		case ours(d.Name()) || written[path]:
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		return c.file("module "+filepath.ToSlash(rel), path)
	})
}

// ours are names of what runs leave behind.
func ours(name string) bool {
	for _, prefix := range []string{".terraform", ".terragrunt", ".terrace"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == ".git" || strings.HasSuffix(name, ".tfstate") || strings.Contains(name, ".tfstate.") || name == "terraform.tfstate.d" || name == "crash.log"
}

// file adds one. A file that was looked for and is not there counts too.
func (c *content) file(name, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		c.lines = append(c.lines, fmt.Sprintf("%s absent\n", name))
		return nil
	}
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	// Of the mode only what git keeps: the rest depends on the umask.
	mode := "100644"
	if info.Mode()&0o111 != 0 {
		mode = "100755"
	}
	c.lines = append(c.lines, fmt.Sprintf("%s %s %x\n", name, mode, h.Sum(nil)))
	return nil
}

// changedFiles names the files in which two lists of contents differ.
func changedFiles(before, now []byte) []string {
	count := map[string]int{}
	for line := range strings.Lines(string(before)) {
		count[line]++
	}
	for line := range strings.Lines(string(now)) {
		count[line]--
	}
	names := map[string]bool{}
	for line, n := range count {
		if n != 0 {
			_, path, _ := strings.Cut(strings.TrimSpace(line), " ")
			path = strings.TrimSuffix(path, " absent")
			if fields := strings.Split(path, " "); len(fields) > 2 {
				path = strings.Join(fields[:len(fields)-2], " ")
			}
			names[path] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
