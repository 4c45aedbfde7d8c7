package configstack

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Files that generation keeps in the folders of components.
const (
	// manifestFile lists what was generated. Terragrunt leaves one of its own
	// form in every folder that it copies.
	manifestFile = ".terragrunt-stack-manifest"
	// removedFile marks a component that its stack declares no longer, but
	// that cannot go yet: discovery passes it by.
	removedFile = ".terragrunt-stack-removed"
)

const stackManifestHeader = "terrace-stack-manifest 1"

// manifest is what generation has put into the folder of a component.
type manifest struct {
	foreign bool   // written by another tool: only that it was generated is known
	owner   string // folder of the stack file, absolute
	isStack bool
	name    string
	files   []string // slash separated, from the component's folder; sorted
}

// encode writes the manifest of a component in dir. The owner is written as
// a path from there, so that a tree can be moved.
func (m *manifest) encode(dir string) ([]byte, error) {
	rel, err := filepath.Rel(dir, m.owner)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(stackManifestHeader + "\n")
	b.WriteString("owner " + strconv.Quote(filepath.ToSlash(rel)) + "\n")
	b.WriteString(kindOf(m.isStack).String() + " " + strconv.Quote(m.name) + "\n")
	for _, name := range slices.Sorted(slices.Values(m.files)) {
		b.WriteString("f " + strconv.Quote(name) + "\n")
	}
	return b.Bytes(), nil
}

func readManifests(dirs []string) map[string]*manifest {
	all := make(map[string]*manifest, len(dirs))
	for _, dir := range dirs {
		if m := readManifest(dir); m != nil {
			all[dir] = m
		}
	}
	return all
}

// readManifest reads the manifest in a folder.
func readManifest(dir string) *manifest {
	data, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return nil
	}
	if m := decodeManifest(data, dir); m != nil {
		return m
	}
	return &manifest{foreign: true, owner: ownerByPlace(dir), files: []string{"terragrunt.values.hcl", "terragrunt.autoinclude.hcl", "terragrunt.autoinclude.stack.hcl"}}
}

// decodeManifest reads what encode wrote, else nil.
func decodeManifest(data []byte, dir string) *manifest {
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() || lines.Text() != stackManifestHeader {
		return nil
	}
	m := &manifest{}
	for lines.Scan() {
		kind, text, _ := strings.Cut(lines.Text(), " ")
		text, err := strconv.Unquote(text)
		if err != nil {
			return nil
		}
		switch local := filepath.FromSlash(text); kind {
		case "owner":
			m.owner = filepath.Join(dir, local)
		case "unit", "stack":
			m.name, m.isStack = text, kind == "stack"
		case "f":
			if !filepath.IsLocal(local) {
				return nil // a way out of the folder
			}
			m.files = append(m.files, text)
		default:
			return nil
		}
	}
	if m.owner == "" || lines.Err() != nil {
		return nil
	}
	return m
}

// ownerByPlace is the folder around .terragrunt-stack.
func ownerByPlace(dir string) string {
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
		if filepath.Base(at) == generatedDir {
			return filepath.Dir(at)
		}
	}
	return ""
}

func isStackDir(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, StackFile))
	return err == nil && !info.IsDir()
}
