package shell

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// launcherSize separates the wrapped binaries, all of them well above it, from
// the small programs that version managers put in their place.
const launcherSize = 32 << 20

// identity is what makes two files on a PATH the same binary.
type identity struct {
	Path     string `json:"path"`     // as found; some launchers act by their name
	Resolved string `json:"resolved"` // links followed
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds
	// launcher is set for a file that is not the binary itself but starts one
	// of several: a script, a small program, a link to something of another name.
	launcher bool
}

func identify(path string) (identity, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return identity{}, err
	}
	info, err := os.Stat(resolved)
	if err != nil {
		return identity{}, err
	}
	id := identity{Path: path, Resolved: resolved, Size: info.Size(), Modified: info.ModTime().UnixNano()}
	id.launcher = id.Size < launcherSize || !related(path, resolved)
	return id, nil
}

// related tells whether a link's target is the binary it is named for:
// terraform may be a link to terraform_1.5, but not to mise.
func related(path, resolved string) bool {
	name := strings.ToLower(filepath.Base(resolved))
	return strings.EqualFold(filepath.Base(path), name) ||
		strings.HasPrefix(name, "terraform") || strings.HasPrefix(name, "tofu") || strings.HasPrefix(name, "opentofu")
}

func (id identity) key() string {
	return fmt.Sprintf("%s\x00%s\x00%d\x00%d", id.Path, id.Resolved, id.Size, id.Modified)
}

// scope is where a launcher's answer holds: wherever the same version manager
// files and variables say the same, or in this one folder if there are no such
// files, since a launcher may then go by the code it finds there. A binary
// answers the same everywhere.
func (v *Versions) scope(id identity, env []string, dir string) string {
	if !id.launcher {
		return ""
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	hash := sha256.New()
	if !hashUpwards(hash, dir, v.managerFiles) {
		fmt.Fprintf(hash, "%q ", dir)
	}
	for _, entry := range env {
		// TFENV_TERRAFORM_VERSION, MISE_TOFU_VERSION and their like.
		if name, _, _ := strings.Cut(entry, "="); strings.HasSuffix(name, "_VERSION") {
			fmt.Fprintf(hash, "%q ", entry)
		}
	}
	return fmt.Sprintf("\x00%x", hash.Sum(nil))
}

// hashUpwards adds the named files of dir and the folders above it, and tells
// whether there were any.
func hashUpwards(w io.Writer, dir string, names []string) (found bool) {
	for {
		for _, name := range names {
			path := filepath.Join(dir, name)
			if b, err := os.ReadFile(path); err == nil {
				fmt.Fprintf(w, "%q %d ", path, len(b))
				_, _ = w.Write(b)
				found = true
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return found
		}
		dir = parent
	}
}
