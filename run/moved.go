package run

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/terrace-iac/terrace/remote"
)

// warnOfMovedState names a local state that the unit had under another address
// of its module: the working folder of the new one has none, so the binary
// would make everything again.
func (j *job) warnOfMovedState() {
	if j.cfg.RemoteState != nil || exists(filepath.Join(j.workDir, "terraform.tfstate")) || exists(filepath.Join(j.workDir, ".terraform", "terraform.tfstate")) {
		return
	}
	left := statesBeside(filepath.Dir(j.req.Layout().Root))
	if len(left) == 0 || namesBackend(j.workDir) {
		return
	}
	for _, path := range left {
		j.log.Warn(fmt.Sprintf("The module of this unit has another address than before, and with it another working folder: the state in %s is not used. To go on with it, move it to %s", path, filepath.Join(j.workDir, "terraform.tfstate")))
	}
}

// statesBeside lists the local states with resources in the working folders of
// a unit. Those of its other modules lie a few folders deep.
func statesBeside(unitCache string) []string {
	var found []string
	for _, pattern := range []string{"*", "*/*", "*/*/*", "*/*/*/*"} {
		paths, _ := filepath.Glob(filepath.Join(unitCache, filepath.FromSlash(pattern), "terraform.tfstate")) // the pattern is sound
		for _, path := range paths {
			if filepath.Base(filepath.Dir(path)) == ".terraform" {
				continue // where the binary notes its backend
			}
			text, err := os.ReadFile(path)
			if err != nil {
				continue
			}
			if state, err := remote.ParseState(text); err != nil || state.Resources > 0 {
				found = append(found, path)
			}
		}
	}
	slices.Sort(found)
	return found
}
