package configstack

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
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

	// source and revision say what was copied, where asking for the revision is
	// cheaper than copying again; sums are then the files of the source. What
	// is not among them was made by the stack.
	source   string // a hash: an address may hold a secret
	revision string
	sums     map[string]fileSum
}

// fileSum is what a copied file looks like.
type fileSum struct {
	mode fs.FileMode
	sum  string // SHA-256 in hexadecimal
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
	if m.revision != "" {
		b.WriteString("source " + strconv.Quote(m.source) + "\n")
		b.WriteString("revision " + strconv.Quote(m.revision) + "\n")
	}
	for _, name := range slices.Sorted(slices.Values(m.files)) {
		b.WriteString("f " + strconv.Quote(name))
		if s, ok := m.sums[name]; ok && m.revision != "" {
			fmt.Fprintf(&b, " %o %s", s.mode, s.sum)
		}
		b.WriteByte('\n')
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
	m := &manifest{sums: map[string]fileSum{}}
	for lines.Scan() {
		kind, rest, _ := strings.Cut(lines.Text(), " ")
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return nil
		}
		text, _ := strconv.Unquote(quoted) // a quoted prefix always can be
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
			var s fileSum
			if n, _ := fmt.Sscanf(rest[len(quoted):], "%o %s", &s.mode, &s.sum); n == 2 {
				m.sums[text] = s
			}
		case "source":
			m.source = text
		case "revision":
			m.revision = text
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
