package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Version is what a wrapped binary says it is.
type Version struct {
	Name   string `json:"name"`   // "Terraform" or "OpenTofu"
	Number string `json:"number"` // "1.11.4", "1.13.0-beta2"
}

// VersionError says that a binary did not tell its version.
type VersionError struct {
	Path string
	Err  error
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: version: %v", filepath.Base(e.Path), e.Err)
}

func (e *VersionError) Unwrap() error { return e.Err }

// Versions asks wrapped binaries for their version and remembers the answers.
type Versions struct {
	exec         Executor
	managerFiles []string
	disk         versionFile

	mu sync.Mutex // guards known, and the writing of disk
	// known holds an entry per identity of a binary, for one process. An identity
	// covers path, size and time; see scope for binaries that stand for others.
	known map[string]*answer
}

// answer is locked while somebody is asking, so that many units ask once.
type answer struct {
	mu      sync.Mutex
	version *Version
}

// NewVersions keeps answers in cacheFile for later processes, unless it is
// empty. managerFiles are the names of files that version managers obey;
// without any it is DefaultManagerFiles.
func NewVersions(ex Executor, cacheFile string, managerFiles ...string) *Versions {
	if len(managerFiles) == 0 {
		managerFiles = DefaultManagerFiles()
	}
	return &Versions{
		exec: ex, managerFiles: managerFiles,
		disk:  versionFile{path: cacheFile},
		known: map[string]*answer{},
	}
}

// DefaultManagerFiles are the files by which tenv, tfenv, asdf and mise choose.
func DefaultManagerFiles() []string {
	return []string{".terraform-version", ".opentofu-version", ".tool-versions", "mise.toml", ".mise.toml"}
}

// Version tells the version of bin, a name on the PATH of env or a path, as it
// answers in dir. It starts at most one process for a binary that does not
// change, and none if an earlier run has asked it.
func (v *Versions) Version(ctx context.Context, bin string, env []string, dir string) (Version, error) {
	if env == nil {
		env = os.Environ()
	}
	path, err := locate(Cmd{Path: bin, Dir: dir, Env: env})
	if err != nil {
		return Version{}, &StartError{Path: bin, Dir: dir, Err: err}
	}
	id, err := identify(path)
	if err != nil {
		return Version{}, &StartError{Path: bin, Dir: dir, Err: err}
	}
	a := v.answer(id.key() + v.scope(id, env, dir))
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.version != nil {
		return *a.version, nil
	}
	found, err := v.find(ctx, id, Cmd{Path: bin, Dir: dir, Env: versionEnv(env)})
	if err != nil {
		return Version{}, err
	}
	a.version = &found
	return found, nil
}

func (v *Versions) answer(key string) *answer {
	v.mu.Lock()
	defer v.mu.Unlock()
	a := v.known[key]
	if a == nil {
		a = &answer{}
		v.known[key] = a
	}
	return a
}

// find looks on disk, then asks. A launcher is always asked: what it answers
// depends on more than its file.
func (v *Versions) find(ctx context.Context, id identity, c Cmd) (Version, error) {
	if !id.launcher {
		if found, ok := v.disk.get(id); ok {
			return found, nil
		}
	}
	found, err := v.ask(ctx, c)
	if err == nil && !id.launcher {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.disk.put(id, found)
	}
	return found, err
}

// ask runs `-version`, whose text tells the program's name, which the JSON of
// `version -json` does not; that comes second, for a binary whose text is
// unknown to us.
func (v *Versions) ask(ctx context.Context, c Cmd) (Version, error) {
	var failure error
	for _, args := range [][]string{{"-version"}, {"version", "-json"}} {
		var out bytes.Buffer
		c.Args, c.Stdout = args, &out
		err := v.exec.Run(ctx, c)
		var exit *ExitError
		if err != nil && !errors.As(err, &exit) {
			return Version{}, err
		}
		if err == nil {
			if found, ok := parseVersion(c.Path, out.Bytes()); ok {
				return found, nil
			}
			err = &VersionError{Path: c.Path, Err: errNoVersion}
		}
		if failure == nil {
			failure = err
		}
	}
	return Version{}, failure
}

var errNoVersion = errors.New("no version in what it answers")

// versionEnv keeps extra arguments and a call home out of the question.
func versionEnv(env []string) []string {
	kept := slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		return strings.HasPrefix(entry, "TF_CLI_ARGS")
	})
	return append(kept, "CHECKPOINT_DISABLE=1")
}
