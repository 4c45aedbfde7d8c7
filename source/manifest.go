package source

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// manifestHeader starts every manifest. A file that starts otherwise is not
// ours to interpret, and is treated as if it listed nothing.
const manifestHeader = "terrace-manifest 1"

// manifest lists what a copy has put into one folder, so that the next copy
// can take away what is no longer wanted and nothing else. It holds plain
// names only; a path in it would be a way out of the cache.
type manifest struct {
	files, dirs []string // sorted
}

func manifestOf(f *folder) manifest {
	var m manifest
	for _, it := range f.items {
		if it.dir != nil {
			m.dirs = append(m.dirs, it.name)
		} else {
			m.files = append(m.files, it.name)
		}
	}
	return m
}

func (m manifest) hasFile(name string) bool {
	_, ok := slices.BinarySearch(m.files, name)
	return ok
}

func (m manifest) hasDir(name string) bool {
	_, ok := slices.BinarySearch(m.dirs, name)
	return ok
}

func (m manifest) encode() []byte {
	var b bytes.Buffer
	b.WriteString(manifestHeader + "\n")
	for _, name := range m.files {
		b.WriteString("f " + strconv.Quote(name) + "\n")
	}
	for _, name := range m.dirs {
		b.WriteString("d " + strconv.Quote(name) + "\n")
	}
	return b.Bytes()
}

// decodeManifest reads what encode wrote. Anything else gives an empty list.
func decodeManifest(data []byte) manifest {
	var m manifest
	lines := bufio.NewScanner(bytes.NewReader(data))
	if !lines.Scan() || lines.Text() != manifestHeader {
		return manifest{}
	}
	for lines.Scan() {
		kind, quoted, _ := strings.Cut(lines.Text(), " ")
		name, err := strconv.Unquote(quoted)
		if err != nil || !plainName(name) {
			return manifest{}
		}
		switch kind {
		case "f":
			m.files = append(m.files, name)
		case "d":
			m.dirs = append(m.dirs, name)
		default:
			return manifest{}
		}
	}
	slices.Sort(m.files)
	slices.Sort(m.dirs)
	return m
}

func plainName(name string) bool {
	return name != "." && filepath.IsLocal(name) && !strings.ContainsAny(name, `/\`)
}

// readManifest reads the manifest of that name in a folder, and its bytes,
// which tell whether it has to be written again.
func readManifest(dir *os.Root, name string) (manifest, []byte, error) {
	info, err := dir.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return manifest{}, nil, nil
	}
	if err != nil {
		return manifest{}, nil, err
	}
	if !info.Mode().IsRegular() {
		return manifest{}, nil, nil // not written by us; replaced when we write
	}
	data, err := dir.ReadFile(name)
	if err != nil {
		return manifest{}, nil, err
	}
	return decodeManifest(data), data, nil
}

// writeReplacing writes a small file of the cache so that it is there whole
// or not at all. It is not synced: after a power cut the cache may be stale
// or torn like any other file in it, and --source-update makes it anew.
func writeReplacing(dir *os.Root, name string, data []byte) error {
	temp := name + ".tmp"
	if err := dir.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeNew(dir, temp, data); err != nil {
		return err
	}
	if err := dir.Rename(temp, name); err != nil {
		_ = dir.Remove(temp)
		return err
	}
	return nil
}

func writeNew(dir *os.Root, name string, data []byte) error {
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
