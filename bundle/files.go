package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// folder is where the files of one manifest lie.
type folder struct {
	dir string
	to  []age.Recipient // empty: nothing is encrypted
	ids []age.Identity
}

// put writes a file below the folder and says what was written. Secret files
// are encrypted where there is somebody to encrypt to.
func (f folder) put(name string, text []byte, secret bool) (Artefact, error) {
	if secret && len(f.to) > 0 {
		var err error
		if text, err = encrypt(text, f.to); err != nil {
			return Artefact{}, err
		}
		name += encryptedSuffix
	}
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Artefact{}, err
	}
	return Artefact{Name: name, SHA256: digest(text)}, writeFile(path, text)
}

// TamperedError says that a file of a bundle is not what the manifest says.
type TamperedError struct {
	Path string
	Gone bool
}

func (e *TamperedError) Error() string {
	if e.Gone {
		return e.Path + ": missing: the bundle is not complete"
	}
	return e.Path + ": its content is not what the manifest names: the bundle was changed after it was made"
}

// get reads a file and checks it against the manifest.
func (f folder) get(a Artefact) ([]byte, error) {
	text, err := f.raw(a)
	if err == nil && filepath.Ext(a.Name) == encryptedSuffix {
		text, err = decrypt(text, f.ids)
	}
	return text, err
}

func (f folder) raw(a Artefact) ([]byte, error) {
	path := filepath.Join(f.dir, filepath.FromSlash(a.Name))
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &TamperedError{Path: path, Gone: true}
	}
	if err != nil {
		return nil, err
	}
	if digest(text) != a.SHA256 {
		return nil, &TamperedError{Path: path}
	}
	return text, nil
}

// check reads every file that a manifest names.
func (f folder) check(m *Manifest) error {
	var errs []error
	for _, a := range m.artefacts() {
		if _, err := f.raw(a); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// writeFile replaces a file as a whole, and is done when it is on disk.
func writeFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".terrace-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename last. Not every system lets a folder be synced, and
// those that do not need no such thing.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

// emptyOrAbsent refuses a folder that holds something.
func emptyOrAbsent(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s: the folder is not empty: name a new one", dir)
	}
	return nil
}
