package bundle

import (
	"errors"
	"path/filepath"

	"github.com/terrace-iac/terrace/source"
)

// ErrBusy says that somebody is applying the same bundle at this moment.
var ErrBusy = errors.New("somebody is applying this bundle now: wait until that has ended")

// hold keeps others on this machine from applying a bundle at the same time.
func hold(dir string) (release func(), err error) {
	release, held, err := source.TryLock(filepath.Join(dir, ".lock"))
	if err == nil && !held {
		err = ErrBusy
	}
	return release, err
}
