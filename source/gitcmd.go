package source

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// gitCmd runs git in one folder.
type gitCmd struct {
	dir   string
	env   []string
	local bool     // submodules may be repositories of this machine, too
	hide  []string // never shown in an error
}

// stopDelay is how long git may take to clean up after it was told to stop,
// and how long a helper that outlives it is waited for.
const stopDelay = time.Second

// run starts git and returns its standard output. A failure carries what git
// said, cleared of secrets; a cancellation is the context's error.
func (g gitCmd) run(ctx context.Context, args ...string) (string, error) {
	full := []string{"-c", "advice.detachedHead=false"}
	// The repository lives as long as one fetch: nothing has to survive a power
	// cut, be unpacked for later, or be tidied up.
	for _, quick := range []string{"fetch.unpackLimit=1", "core.fsync=none", "maintenance.auto=false", "gc.auto=0"} {
		full = append(full, "-c", quick)
	}
	if g.local {
		full = append(full, "-c", "protocol.file.allow=always")
	}
	cmd := exec.CommandContext(ctx, "git", append(full, args...)...)
	cmd.Dir, cmd.Env = g.dir, g.env
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = stopDelay
	var stdout bytes.Buffer
	var stderr tail
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case err == nil:
		return stdout.String(), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	return "", &CommandError{Command: "git " + args[0], Stderr: scrub(stderr.String(), g.hide), Err: err}
}

// tail keeps the end of what is written to it.
type tail struct{ buf []byte }

const tailSize = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - tailSize; over > 0 {
		t.buf = slices.Delete(t.buf, 0, over)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.buf)) }

// gitEnv is the environment of git: no prompt, since nobody may be there to
// answer, messages in English, since they are read, and none of the variables
// by which a hook that runs us ties git to another repository. A key is
// written to a file that cleanup removes.
func gitEnv(base []string, key []byte) (env []string, cleanup func(), err error) {
	if base == nil {
		base = os.Environ()
	}
	for _, kv := range base {
		name, _, _ := strings.Cut(kv, "=")
		if !tiesRepository(name) {
			env = append(env, kv)
		}
	}
	env = append(env, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "LANGUAGE=")
	if key == nil {
		return env, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "terrace-key-")
	if err != nil {
		return nil, nil, err
	}
	cleanup = func() { _ = os.RemoveAll(dir) }
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		cleanup()
		return nil, nil, err
	}
	return append(env, "GIT_SSH_COMMAND="+sshCommand(env, file)), cleanup, nil
}

// sshCommand adds the key to the user's own ssh command, if there is one.
func sshCommand(env []string, keyFile string) string {
	command := "ssh"
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "GIT_SSH_COMMAND="); ok && v != "" {
			command = v
		}
	}
	quoted := "'" + strings.ReplaceAll(filepath.ToSlash(keyFile), "'", `'\''`) + "'"
	return command + " -i " + quoted + " -o IdentitiesOnly=yes"
}

func tiesRepository(name string) bool {
	switch name {
	case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE",
		"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE":
		return true
	}
	return false
}

var errBadKey = errors.New("sshkey is not a base64 encoded private key")

// decodeKey reads the sshkey parameter. A `+` of base64 that was not escaped
// arrives as a space.
func decodeKey(param string) ([]byte, error) {
	if param == "" {
		return nil, nil
	}
	clean := strings.ReplaceAll(param, " ", "+")
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if key, err := enc.DecodeString(clean); err == nil {
			if !bytes.HasSuffix(key, []byte("\n")) {
				key = append(key, '\n') // ssh insists on it
			}
			return key, nil
		}
	}
	return nil, errBadKey
}
