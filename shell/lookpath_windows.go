package shell

import (
	"io/fs"
	"path/filepath"
	"strings"
)

const separators = `/\:`

func sameVariable(a, b string) bool { return strings.EqualFold(a, b) }

// spellings adds the extensions of PATHEXT; a name that has one stands for itself.
func spellings(path string, env []string) []string {
	list := getenv(env, "PATHEXT")
	if list == "" {
		list = ".com;.exe;.bat;.cmd"
	}
	var with []string
	for _, ext := range strings.Split(strings.ToLower(list), ";") {
		if ext == "" {
			continue
		}
		if ext[0] != '.' {
			ext = "." + ext
		}
		if strings.EqualFold(filepath.Ext(path), ext) {
			return []string{path}
		}
		with = append(with, path+ext)
	}
	return with
}

func runnable(info fs.FileInfo) bool { return !info.IsDir() }
