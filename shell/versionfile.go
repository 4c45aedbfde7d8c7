package shell

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// versionFile is the versions on disk: one entry per path at which a binary was
// found, valid as long as the file there is the one that was asked. It is a
// cache and nothing more. One that cannot be read counts as empty, one that
// cannot be written is left alone, and of two processes writing at once the
// later may drop what the earlier has added, which then is asked again.
type versionFile struct {
	path string // empty: no file
}

type versionEntry struct {
	Binary  identity `json:"binary"`
	Version Version  `json:"version"`
}

func (f versionFile) read() map[string]versionEntry {
	entries := map[string]versionEntry{}
	if f.path == "" {
		return entries
	}
	b, err := os.ReadFile(f.path)
	if err != nil || json.Unmarshal(b, &entries) != nil || entries == nil {
		return map[string]versionEntry{}
	}
	return entries
}

func (f versionFile) get(id identity) (Version, bool) {
	e, ok := f.read()[id.Path]
	return e.Version, ok && e.Binary == id && e.Version.Number != ""
}

func (f versionFile) put(id identity, v Version) {
	if f.path == "" {
		return
	}
	entries := f.read()
	for path := range entries {
		if _, err := os.Stat(path); err != nil {
			delete(entries, path) // keeps the file from growing for ever
		}
	}
	entries[id.Path] = versionEntry{Binary: id, Version: v}
	b, err := json.MarshalIndent(entries, "", "  ")
	if err == nil && os.MkdirAll(filepath.Dir(f.path), 0o755) == nil {
		_ = replaceFile(f.path, append(b, '\n'))
	}
}

// replaceFile puts a whole new file in the place of path, or leaves it as it is.
func replaceFile(path string, b []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
