package catalog

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/catalog/boilerplate"
	"github.com/terrace-iac/terrace/config"
)

// Kind is what a component is.
type Kind string

// The kinds. None is a folder that is no component.
const (
	None     Kind = ""
	Template Kind = "template"
	Stack    Kind = "stack"
	Unit     Kind = "unit"
	Module   Kind = "module"
)

// Kinds lists the kinds in the order in which they are told apart.
func Kinds() []Kind { return []Kind{Template, Stack, Unit, Module} }

const (
	stackFile = "terragrunt.stack.hcl"
	// ownTemplate is the folder of a module in which its template lies.
	ownTemplate = ".boilerplate"
)

// KindOf tells what a folder is by the names of its files. A folder that
// cannot be read is none.
func KindOf(dir string) Kind {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return None
	}
	has := map[Kind]bool{}
	for _, e := range entries {
		has[kindBy(e)] = true
	}
	for _, k := range Kinds() {
		if has[k] {
			return k
		}
	}
	return None
}

// kindBy is what a folder is that has such an entry.
func kindBy(e os.DirEntry) Kind {
	name := e.Name()
	switch {
	case e.IsDir():
		if name == ownTemplate {
			return Template
		}
	case name == boilerplate.ConfigFile:
		return Template
	case name == stackFile:
		return Stack
	case name == config.FileName, name == config.JSONFileName:
		return Unit
	case isModuleFile(name):
		return Module
	}
	return None
}

// isModuleFile knows the files of the wrapped binary.
func isModuleFile(name string) bool {
	name = strings.TrimSuffix(name, ".json")
	ext := filepath.Ext(name)
	return ext == ".tf" || ext == ".tofu"
}
