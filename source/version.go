package source

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// remoteVersion stands for the parameters of an address: a branch has the
// same version for ever, and is fetched again only when that is asked for.
// So has a constraint: the registry is not asked whether there is a newer one.
func (r Request) remoteVersion() string {
	q := r.Address.Query()
	if r.Version != "" {
		q.Set("version", r.Version)
	}
	return shortHash(q.Encode())
}

// stageKey names what is fetched: requests with the same key share it.
func (r Request) stageKey() string {
	key := r.Address.Root()
	if r.Address.Kind() == "tfr" {
		key += "\x00" + r.Version + "\x00" + r.Registry
	}
	return key
}

// localVersion changes when a file that would be copied comes, goes, or gets
// another time. The provider lock file does not count: a run writes it.
func localVersion(root string, f *folder) (string, error) {
	h := sha256.New()
	if err := hashTimes(h, root, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashTimes(h hash.Hash, dir string, f *folder) error {
	for _, it := range f.items {
		full := filepath.Join(dir, it.name)
		if it.dir != nil {
			if err := hashTimes(h, full, it.dir); err != nil {
				return err
			}
			continue
		}
		if it.name == lockFileName {
			continue
		}
		info, err := it.stat()
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s:%d", full, info.ModTime().UnixMicro())
	}
	return nil
}

// readVersion gives the version of what is in the cache, "" for none.
func readVersion(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, versionFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(data)), err
}

// HasModuleFiles reports whether a folder or one below it holds code for
// OpenTofu or Terraform. What init has put there (.terraform) is not looked
// at, nor are a repository's own files or a cache. A folder that does not
// exist is an error that is fs.ErrNotExist.
func HasModuleFiles(dir string) (bool, error) {
	queue := []string{dir}
	for len(queue) > 0 {
		entries, err := os.ReadDir(queue[0])
		if err != nil {
			return false, err
		}
		for _, e := range entries {
			switch {
			case e.IsDir() && !isToolFolder(e.Name()):
				queue = append(queue, filepath.Join(queue[0], e.Name()))
			case !e.IsDir() && isModuleFile(e.Name()):
				return true, nil
			}
		}
		queue = queue[1:]
	}
	return false, nil
}

func isToolFolder(name string) bool {
	return name == ".terraform" || name == ".git" || name == cacheFolder
}

func isModuleFile(name string) bool {
	for _, ext := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return false
}
