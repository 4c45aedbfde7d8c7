package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// startFile is a file that a shell reads when it starts, and the lines that
// belong into it.
type startFile struct {
	path  string
	lines []string
	whole bool // the file is ours alone
}

// startFiles lists the files of the shells that are set up in a home folder.
// The executable is named in full, because the folder it lies in need not be
// on PATH when the start file is read.
func startFiles(home, configHome, executable string) []startFile {
	complete := fmt.Sprintf("complete -o default -C %s %s", shellQuote(executable), progName)
	var out []startFile
	for _, name := range []string{".bashrc", ".bash_profile", ".bash_login", ".profile"} {
		if path := filepath.Join(home, name); isFile(path) {
			out = append(out, startFile{path: path, lines: []string{complete}})
			break
		}
	}
	if path := filepath.Join(home, ".zshrc"); isFile(path) {
		out = append(out, startFile{path: path, lines: []string{"autoload -U +X bashcompinit && bashcompinit", complete}})
	}
	if configHome == "" {
		configHome = filepath.Join(home, ".config")
	}
	if fish := filepath.Join(configHome, "fish"); isDir(fish) {
		script, _ := completionScript("fish")
		out = append(out, startFile{path: filepath.Join(fish, "completions", progName+".fish"), lines: []string{script}, whole: true})
	}
	return out
}

// shellQuote quotes a path for a POSIX shell when it needs it.
func shellQuote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// installCompletion adds completion to all start files. It fails, without
// changing any, when one of them has it already.
func installCompletion(files []startFile) error {
	if len(files) == 0 {
		return errors.New("completion: no start file of bash, zsh or fish found")
	}
	for _, f := range files {
		if there, err := f.installed(); err != nil || there {
			return errors.Join(err, alreadyIf(there, f.path))
		}
	}
	for _, f := range files {
		if err := f.install(); err != nil {
			return err
		}
	}
	return nil
}

func alreadyIf(there bool, path string) error {
	if !there {
		return nil
	}
	return fmt.Errorf("completion: already installed in %s", path)
}

// uninstallCompletion removes it where it is, and fails when it is nowhere.
func uninstallCompletion(files []startFile) error {
	found := false
	for _, f := range files {
		there, err := f.installed()
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		found = true
		if err := f.uninstall(); err != nil {
			return err
		}
	}
	if !found {
		return errors.New("completion: not installed")
	}
	return nil
}

// ours reports whether a line of a start file is the one that we add.
func ours(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "complete ") && strings.Contains(line, " -C ") && strings.HasSuffix(line, " "+progName)
}

func (f startFile) installed() (bool, error) {
	if f.whole {
		return isFile(f.path), nil
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return false, fmt.Errorf("completion: %w", err)
	}
	return slices.ContainsFunc(strings.Split(string(text), "\n"), ours), nil
}

func (f startFile) install() error {
	if f.whole {
		return replaceFile(f.path, []byte(f.lines[0]))
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	for _, l := range f.lines {
		if !slices.Contains(strings.Split(string(text), "\n"), l) {
			text = append(text, l+"\n"...)
		}
	}
	return replaceFile(f.path, text)
}

// uninstall removes our line. The bashcompinit line of zsh stays: other
// programs may have come to rely on it.
func (f startFile) uninstall() error {
	if f.whole {
		return os.Remove(f.path)
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), ours)
	return replaceFile(f.path, []byte(strings.Join(lines, "")))
}

// replaceFile writes a file at once, keeping its mode. A start file that is a
// link into a folder of settings stays one.
func replaceFile(path string, text []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	if err := writeAtomic(path, text, mode); err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	return nil
}
