package configstack

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// transaction changes files so that all of it can be taken back: what is
// replaced or removed is moved to a folder on the same file system first.
type transaction struct {
	mu      sync.Mutex
	temps   map[string]string // by the top in which it lies
	count   int
	undo    []func() error
	touched map[string]bool // folders of components
	alone   bool            // no other run generates here
}

const tempPrefix = ".terrace-generate-"

func newTransaction(alone bool) *transaction {
	return &transaction{temps: map[string]string{}, touched: map[string]bool{}, alone: alone}
}

func (t *transaction) at(top, dir string) *spot { return &spot{tx: t, top: top, dir: dir} }

// changed lists the folders of components in which something was changed.
func (t *transaction) changed() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]string, 0, len(t.touched))
	for dir := range t.touched {
		list = append(list, dir)
	}
	slices.Sort(list)
	return list
}

// temp gives a new name in the folder for moved files. The names are numbers,
// so that nobody takes one of them for a unit.
func (t *transaction) temp(top string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.temps[top] == "" {
		t.removeOldTemps(top)
		dir, err := os.MkdirTemp(top, tempPrefix)
		if err != nil {
			return "", err
		}
		t.temps[top] = dir
	}
	t.count++
	return filepath.Join(t.temps[top], strconv.Itoa(t.count)), nil
}

// oldTemp is the age at which a folder was surely left by a run that was
// killed. One that generates alone knows of all that they were.
const oldTemp = 24 * time.Hour

func (t *transaction) removeOldTemps(top string) {
	found, _ := filepath.Glob(filepath.Join(top, tempPrefix+"*")) // the pattern is well formed
	for _, dir := range found {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && (t.alone || time.Since(info.ModTime()) > oldTemp) {
			_ = os.RemoveAll(dir) // tried again next time
		}
	}
}

func (t *transaction) done(s *spot, undo func() error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.undo = append(t.undo, undo)
	if s != nil {
		t.touched[s.dir] = true
	}
}

// replace writes a file beside and moves it into place.
func (t *transaction) replace(s *spot, path string, text []byte, mode fs.FileMode) error {
	if err := t.makeDirs(s, filepath.Dir(path)); err != nil {
		return err
	}
	staged, err := t.temp(s.top)
	if err != nil {
		return err
	}
	if err := writeFile(staged, text, mode); err != nil {
		return err
	}
	kept, err := t.keep(s, path)
	if err != nil {
		return err
	}
	if err := os.Rename(staged, path); err != nil {
		return err
	}
	t.done(s, func() error {
		if kept != "" {
			return os.Rename(kept, path)
		}
		return os.Remove(path)
	})
	return nil
}

// keep gives what is in the way of a new file a second name, so that there is
// no moment without it, also if this run is killed. Where that cannot be it is
// taken away, and kept is "" as where nothing is in the way.
func (t *transaction) keep(s *spot, path string) (kept string, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", nil
	}
	if info.Mode().IsRegular() {
		if kept, err = t.temp(s.top); err != nil {
			return "", err
		}
		if os.Link(path, kept) == nil {
			return kept, nil
		}
	}
	return "", t.takeAway(s, path)
}

func writeFile(path string, text []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	_ = f.Chmod(mode) // the umask took bits away; some file systems have no modes
	return errors.Join(err, f.Close())
}

// takeAway moves a file out of the way.
func (t *transaction) takeAway(s *spot, path string) error {
	kept, err := t.temp(s.top)
	if err != nil {
		return err
	}
	if err := os.Rename(path, kept); err != nil {
		return err
	}
	t.done(s, func() error { return os.Rename(kept, path) })
	return nil
}

// makeDirs makes a folder and those above it. A file in the place of one is
// moved away.
func (t *transaction) makeDirs(s *spot, dir string) error {
	info, err := os.Stat(dir)
	if err == nil && info.IsDir() {
		return nil
	}
	if err == nil {
		if !within(dir, s.dir) {
			return fmt.Errorf("%s is a file, but a folder of that name is needed", dir)
		}
		if err := t.takeAway(s, dir); err != nil {
			return err
		}
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := t.makeDirs(s, parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // another component needed it too
		}
		return err
	}
	t.done(s, func() error { return os.Remove(dir) })
	return nil
}

// removeEmpty removes a folder if nothing is in it.
func (t *transaction) removeEmpty(dir string) bool {
	if os.Remove(dir) != nil {
		return false
	}
	t.done(nil, func() error { return os.Mkdir(dir, 0o755) })
	return true
}

// rollBack puts everything back as it was.
func (t *transaction) rollBack() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var errs []error
	for _, undo := range slices.Backward(t.undo) {
		if err := undo(); err != nil {
			errs = append(errs, fmt.Errorf("putting the former files back: %w", err))
		}
	}
	t.undo = nil
	if len(errs) == 0 {
		for _, dir := range t.temps {
			errs = append(errs, os.RemoveAll(dir))
		}
	}
	return errors.Join(errs...)
}

// commit forgets how to take the changes back.
func (t *transaction) commit(log *slog.Logger) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.undo = nil
	for _, dir := range t.temps {
		if err := os.RemoveAll(dir); err != nil {
			log.Warn("A temporary folder could not be removed: " + err.Error())
		}
	}
}
