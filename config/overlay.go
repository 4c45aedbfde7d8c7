package config

import (
	"os"
	"path/filepath"
)

// texts are files as a Loader sees them: those on disk, and before them those
// that it was handed, which need not be there. It never changes.
type texts struct {
	given map[string][]byte // by absolute path
	dirs  map[string]bool   // the folders that hold them
}

func newTexts(given map[string][]byte) texts {
	t := texts{given: given, dirs: map[string]bool{}}
	for path := range given {
		for dir := filepath.Dir(path); !t.dirs[dir]; dir = filepath.Dir(dir) {
			t.dirs[dir] = true
		}
	}
	return t
}

func (t texts) read(path string) ([]byte, error) {
	if text, ok := t.given[path]; ok {
		return text, nil
	}
	return os.ReadFile(path)
}

func (t texts) isFile(path string) bool {
	if _, ok := t.given[path]; ok {
		return true
	}
	return isFile(path)
}

func (t texts) isDir(path string) bool { return t.dirs[path] || isDir(path) }

// exists says whether there is anything of that name.
func (t texts) exists(path string) bool {
	if _, ok := t.given[path]; ok || t.dirs[path] {
		return true
	}
	_, err := os.Lstat(path) // once: each unit asks this of every folder above it
	return err == nil
}

// unitFile is [UnitFile] for these files.
func (t texts) unitFile(path string) (string, error) {
	if t.isFile(path) {
		return path, nil
	}
	if !t.isDir(path) {
		if filepath.Ext(path) == "" {
			path = filepath.Join(path, FileName)
		}
		return "", &MissingFileError{Path: path}
	}
	hclPath, jsonPath := filepath.Join(path, FileName), filepath.Join(path, JSONFileName)
	hasHCL, hasJSON := t.isFile(hclPath), t.isFile(jsonPath)
	switch {
	case hasHCL && hasJSON:
		return "", &AmbiguousFileError{HCL: hclPath, JSON: jsonPath}
	case hasHCL:
		return hclPath, nil
	case hasJSON:
		return jsonPath, nil
	}
	return "", &MissingFileError{Path: hclPath}
}
