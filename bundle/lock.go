package bundle

import (
	"errors"
	"os"
	"path/filepath"
)

// ErrBusy says that somebody is applying the same bundle at this moment.
var ErrBusy = errors.New("somebody is applying this bundle now: wait until that has ended")

// hold keeps others on this machine from applying a bundle at the same time.
// The lock ends with the process, however that ends.
func hold(dir string) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	ok, err := tryLock(f)
	if err == nil && !ok {
		err = ErrBusy
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil // closing ends the lock
}
