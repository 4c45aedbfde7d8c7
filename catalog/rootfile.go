package catalog

import (
	"path/filepath"

	"github.com/terrace-iac/terrace/config"
)

// rootFile is the name that a root file has by today's convention.
const rootFile = "root.hcl"

// RootFileName is the name of the file that new units include: root.hcl where
// one is in the folder or above, or where the old name is not allowed, and the
// name of a unit's file otherwise.
func RootFileName(dir string, strict bool) string {
	for !strict {
		if exists(filepath.Join(dir, rootFile)) {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return config.FileName
		}
		dir = parent
	}
	return rootFile
}
