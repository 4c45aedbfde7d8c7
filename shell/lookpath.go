package shell

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// FindBinary names the program to wrap when nobody has said which: tofu, else
// terraform, whichever is on the PATH of env. The error is a *MissingBinaryError.
func FindBinary(env []string) (string, error) {
	names := []string{"tofu", "terraform"}
	for _, name := range names {
		if _, err := LookPath(name, env); err == nil {
			return name, nil
		}
	}
	return "", &MissingBinaryError{Names: names}
}

// LookPath gives the absolute path of a program, searched on the PATH of env if
// name holds no separator. Empty and relative entries of PATH are passed over,
// so that a file in the folder one happens to be in never runs by name alone.
// The error is exec.ErrNotFound, or says why a file that was found cannot run.
func LookPath(name string, env []string) (string, error) {
	return lookIn(name, "", env)
}

// lookIn is LookPath with the folder that a relative name starts from.
func lookIn(name, dir string, env []string) (string, error) {
	if name == "" {
		return "", exec.ErrNotFound
	}
	if strings.ContainsAny(name, separators) {
		return lookFile(name, dir, env)
	}
	failure := error(exec.ErrNotFound)
	for _, folder := range filepath.SplitList(getenv(env, "PATH")) {
		if !filepath.IsAbs(folder) {
			continue
		}
		path, err := firstExecutable(filepath.Join(folder, name), env)
		if err == nil {
			return path, nil
		}
		if os.IsPermission(err) {
			failure = err
		}
	}
	return "", failure
}

func lookFile(name, dir string, env []string) (string, error) {
	if !filepath.IsAbs(name) {
		abs, err := filepath.Abs(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		name = abs
	}
	return firstExecutable(name, env)
}

// firstExecutable tries the spellings that the system allows for one file name.
func firstExecutable(path string, env []string) (string, error) {
	var first error
	for _, p := range spellings(path, env) {
		info, err := os.Stat(p)
		if err == nil && !runnable(info) {
			err = &fs.PathError{Op: "exec", Path: p, Err: fs.ErrPermission}
		}
		if err == nil {
			return p, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}

// getenv reads one variable; of several entries the last one counts.
func getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		key, value, ok := strings.Cut(env[i], "=")
		if ok && sameVariable(key, name) {
			return value
		}
	}
	return ""
}
