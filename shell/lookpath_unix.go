//go:build !windows

package shell

import "io/fs"

const separators = "/"

func sameVariable(a, b string) bool { return a == b }

func spellings(path string, _ []string) []string { return []string{path} }

func runnable(info fs.FileInfo) bool {
	return !info.IsDir() && info.Mode()&0o111 != 0
}
