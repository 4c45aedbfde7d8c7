package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/shell"
)

// erroredState is what the binary leaves in the working folder when the
// backend did not take a state.
const erroredState = "errored.tfstate"

// UnsavedState is a state that its backend does not have.
type UnsavedState struct {
	Path    string // absolute
	Unit    string // folder of its unit
	Lineage string // "" for the first state of a unit, which got none yet
	Serial  uint64
	Broken  bool // the file is no state: the disk was full, perhaps
	text    []byte
	held    lockWindow
}

// lockWindow is when the command that left a state took its lock: after Since
// and before Until, when it wrote the state down while it still held the lock.
// A lock from this host that was taken in between and is still there is the
// command's own, which it could not release. It is kept beside the copy. The
// zero value is for a command without a lock.
type lockWindow struct {
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

func (w lockWindow) covers(l shell.Lock) bool {
	return w.Host != "" && strings.HasSuffix(l.Who, "@"+w.Host) && l.Created.After(w.Since) && l.Created.Before(w.Until)
}

const windowSuffix = ".lock.json"

// readUnsaved reads such a file.
func readUnsaved(path, unit string) (UnsavedState, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return UnsavedState{}, err
	}
	u := UnsavedState{Path: path, Unit: unit, text: text}
	var readable bool
	u.Lineage, u.Serial, readable = stateMark(text)
	u.Broken = !readable
	if b, err := os.ReadFile(path + windowSuffix); err == nil && json.Unmarshal(b, &u.held) != nil {
		u.held = lockWindow{} // then its lock has to be released by hand
	}
	return u, nil
}

// stateMark reads what tells states apart. An encrypted state has it too.
func stateMark(text []byte) (lineage string, serial uint64, ok bool) {
	var mark struct {
		Version   *int            `json:"version"`
		Encrypted json.RawMessage `json:"encrypted_data"`
		Lineage   string          `json:"lineage"`
		Serial    uint64          `json:"serial"`
	}
	err := json.Unmarshal(text, &mark)
	return mark.Lineage, mark.Serial, err == nil && (mark.Version != nil || mark.Encrypted != nil)
}

// name is the name of the copy in the rescue folder.
func (u UnsavedState) name() string {
	switch {
	case u.Broken:
		return "broken-" + u.digest() + ".tfstate"
	case !regexp.MustCompile(`^[A-Za-z0-9-]+$`).MatchString(u.Lineage):
		return fmt.Sprintf("new-%d-%s.tfstate", u.Serial, u.digest())
	}
	return fmt.Sprintf("%s-%d.tfstate", u.Lineage, u.Serial)
}

func (u UnsavedState) digest() string {
	sum := sha256.Sum256(u.text)
	return hex.EncodeToString(sum[:6])
}

// String is such as "serial 3 of lineage a-b".
func (u UnsavedState) String() string {
	switch {
	case u.Broken:
		return "not readable as a state"
	case u.Lineage == "":
		return fmt.Sprintf("serial %d, the first of its unit", u.Serial)
	}
	return fmt.Sprintf("serial %d of lineage %s", u.Serial, u.Lineage)
}

// sameContent compares two states but for their form and the version of the
// binary that has written them.
func sameContent(a, b []byte) bool { return sameBut(a, b, "terraform_version") }

// sameBut compares two objects of JSON but for some of their keys.
func sameBut(a, b []byte, keys ...string) bool {
	var x, y map[string]any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return bytes.Equal(a, b)
	}
	for _, key := range keys {
		delete(x, key)
		delete(y, key)
	}
	return reflect.DeepEqual(x, y)
}

// rescueFolder is where copies of a unit's unsaved states are kept: below the
// folder that holds terrace.hcl, else that of the Git repository, else the
// unit.
func rescueFolder(unit string) string {
	root := unit
	if dir, ok := above(unit, "terrace.hcl"); ok {
		root = dir
	} else if dir, ok := above(unit, ".git"); ok {
		root = dir
	}
	rel, err := filepath.Rel(root, unit)
	if err != nil {
		root, rel = unit, "." // another drive
	}
	return filepath.Join(root, rescueBase, rel)
}

// rescueBase is the folder below the root; it has slashes of the system.
const rescueBase = ".terrace" + string(filepath.Separator) + "rescue"

// above gives the nearest folder, dir or one above it, that holds a file.
func above(dir, name string) (string, bool) {
	for {
		if exists(filepath.Join(dir, name)) {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// keep copies an unsaved state to the rescue folder, which git ignores.
func (u UnsavedState) keep() (string, error) {
	if len(u.text) == 0 {
		return u.Path, nil // there was no room for a single byte of it
	}
	dir := rescueFolder(u.Unit)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := ignoreFolder(dir); err != nil {
		return "", err
	}
	path := filepath.Join(dir, u.name())
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, u.text) {
		return path, nil
	} else if err == nil {
		// Another state of the same serial: neither may go.
		path = strings.TrimSuffix(path, ".tfstate") + "-" + u.digest() + ".tfstate"
	}
	if err := writeFile(path, u.text, 0o600); err != nil || u.held.Host == "" {
		return path, err
	}
	b, err := json.Marshal(u.held)
	if err != nil {
		return path, err
	}
	return path, writeFile(path+windowSuffix, b, 0o600)
}

// ignoreFolder writes the .gitignore of the .terrace folder that dir is in.
func ignoreFolder(dir string) error {
	for filepath.Base(dir) != ".terrace" {
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, ".gitignore")
	if exists(path) {
		return nil
	}
	return writeFile(path, []byte("*\n"), 0o644)
}

// remove takes the state's files away, now that the backend has it: the copy
// and the one it was made of, unless that has changed since.
func (u UnsavedState) remove(paths ...string) error {
	var errs []error
	for _, p := range paths {
		have, err := os.ReadFile(p)
		if err != nil || !bytes.Equal(have, u.text) {
			continue
		}
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		if err := os.Remove(p + windowSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// unsavedOf lists a unit's unsaved states, in its working folder and in the
// rescue folder.
func unsavedOf(unit, workDir string) []string {
	var paths []string
	if p := filepath.Join(workDir, erroredState); exists(p) {
		paths = append(paths, p)
	}
	kept, _ := filepath.Glob(filepath.Join(escapeGlob(rescueFolder(unit)), "*.tfstate"))
	return append(paths, kept...)
}

// Unsaved finds the unsaved states of the units below a folder: those in rescue
// folders, which may lie above it, and those that still lie where the binary
// left them. The copy of a state is not listed beside the state itself.
func (r *Runner) Unsaved(dir string) ([]UnsavedState, error) {
	var found []UnsavedState
	for _, top := range []string{dir, rescueFolder(dir)} {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == ".git" || d.Name() == ".terraform"):
				return fs.SkipDir
			case d.IsDir():
				return nil
			}
			found, err = addUnsaved(found, path)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// addUnsaved adds a file to the list if it is an unsaved state that is not
// there yet.
func addUnsaved(found []UnsavedState, path string) ([]UnsavedState, error) {
	unit, ok := unitOf(path)
	if !ok {
		return found, nil
	}
	u, err := readUnsaved(path, unit)
	if err != nil {
		return found, err
	}
	same := slices.IndexFunc(found, func(f UnsavedState) bool { return f.Unit == unit && bytes.Equal(f.text, u.text) })
	switch {
	case same < 0:
		found = append(found, u)
	case u.held.Host != "":
		found[same] = u // the copy knows more
	}
	return found, nil
}

// unitOf tells which unit a file is an unsaved state of.
func unitOf(path string) (string, bool) {
	dir, sep := filepath.Dir(path), string(filepath.Separator)
	if root, rel, ok := strings.Cut(dir+sep, sep+rescueBase+sep); ok {
		if filepath.Ext(path) != ".tfstate" {
			return "", false
		}
		return filepath.Join(root+sep, rel), true
	}
	if filepath.Base(path) != erroredState {
		return "", false
	}
	if unit, _, ok := strings.Cut(dir, sep+".terragrunt-cache"); ok {
		return unit, true
	}
	return dir, true
}

// fileMark tells whether a file is the one that was seen before.
type fileMark struct {
	size int64
	time time.Time
}

func markOf(path string) fileMark {
	info, err := os.Stat(path)
	if err != nil {
		return fileMark{}
	}
	return fileMark{info.Size(), info.ModTime()}
}
