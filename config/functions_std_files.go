package config

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/hashicorp/go-cty-funcs/filesystem"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

func stdFiles() []funcSpec {
	return []funcSpec{
		{Name: "abspath", Summary: "The absolute form of a path. Relative paths start at the folder of the file they are written in.", Example: `abspath("a.txt") == abspath("./b/../a.txt") # true`, build: buildAbsPath},
		{Name: "basename", Summary: "The last part of a path.", Example: `basename("/a/b/c.txt") # "c.txt"`, build: pure(filesystem.BasenameFunc)},
		{Name: "dirname", Summary: "A path without its last part.", Example: `dirname("a/b/c.txt") == dirname("a/b/d.txt") # true`, build: pure(filesystem.DirnameFunc)},
		{Name: "file", Summary: "The text of a file, which must be UTF-8. Relative paths start at the folder of the file they are written in, in all functions of files.", Example: `file("greeting.txt") # "hello"`, outside: true, build: onFile(fileText)},
		{Name: "filebase64", Summary: "The bytes of a file, in base64.", Example: `filebase64("greeting.txt") # "aGVsbG8="`, outside: true, build: onFile(fileBase64)},
		{Name: "filebase64sha256", Summary: "The SHA-256 sum of a file, in base64.", Example: `filebase64sha256("greeting.txt") == base64sha256("hello") # true`, outside: true, build: fileDigest(sha256.New, base64.StdEncoding.EncodeToString)},
		{Name: "filebase64sha512", Summary: "The SHA-512 sum of a file, in base64.", Example: `filebase64sha512("greeting.txt") == base64sha512("hello") # true`, outside: true, build: fileDigest(sha512.New, base64.StdEncoding.EncodeToString)},
		{Name: "fileexists", Summary: "Whether a file exists. A folder at the path is an error.", Example: `fileexists("greeting.txt") # true`, outside: true, build: buildFileExists},
		{Name: "filemd5", Summary: "The MD5 sum of a file, in hexadecimal.", Example: `filemd5("greeting.txt") == md5("hello") # true`, outside: true, build: fileDigest(md5.New, hex.EncodeToString)},
		{Name: "fileset", Summary: "The files below a folder whose relative paths match a pattern, in which ** spans folders.", Example: `fileset(".", "*.{txt,tmpl}") # ["greeting.txt", "letter.tmpl"]`, outside: true, build: func(c *call) function.Function { return filesystem.MakeFileSetFunc(c.dir()) }},
		{Name: "filesha1", Summary: "The SHA-1 sum of a file, in hexadecimal.", Example: `filesha1("greeting.txt") == sha1("hello") # true`, outside: true, build: fileDigest(sha1.New, hex.EncodeToString)},
		{Name: "filesha256", Summary: "The SHA-256 sum of a file, in hexadecimal.", Example: `filesha256("greeting.txt") == sha256("hello") # true`, outside: true, build: fileDigest(sha256.New, hex.EncodeToString)},
		{Name: "filesha512", Summary: "The SHA-512 sum of a file, in hexadecimal.", Example: `filesha512("greeting.txt") == sha512("hello") # true`, outside: true, build: fileDigest(sha512.New, hex.EncodeToString)},
		{Name: "pathexpand", Summary: "A path with a leading ~ replaced by the user's home folder.", Example: `endswith(pathexpand("~/x"), "x") # true`, build: pure(stdText(expandHome))},
		{Name: "templatefile", Summary: "A file's text as a template, filled in with the given variables.", Example: `templatefile("letter.tmpl", { who = "Bob" }) # "Dear Bob"`, sensitive: true, outside: true, build: buildTemplateFile},
	}
}

// onFile makes a function of a path that gives a string made of the file.
func onFile(render func(path string, b []byte) (string, error)) func(*call) function.Function {
	return func(c *call) function.Function {
		return stdText(func(path string) (string, error) {
			b, err := readIn(c, path)
			if err != nil {
				return "", err
			}
			return render(path, b)
		})
	}
}

func fileText(path string, b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", fmt.Errorf("contents of %s are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead", path)
	}
	return string(b), nil
}

func fileBase64(_ string, b []byte) (string, error) {
	return base64.StdEncoding.EncodeToString(b), nil
}

func fileDigest(kind func() hash.Hash, encode func([]byte) string) func(*call) function.Function {
	sum := digest(kind, encode)
	return onFile(func(_ string, b []byte) (string, error) { return sum(b) })
}

// readIn reads a file for the call and notes that it did.
func readIn(c *call, path string) ([]byte, error) {
	full, err := pathIn(c, path)
	if err != nil {
		return nil, err
	}
	b, err := c.frame.core.l.texts.read(full)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no file exists at %q", full)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read %q: %w", full, withoutPath(err))
	}
	c.read(full)
	return b, nil
}

// pathIn gives the absolute, clean form of a path that an expression names.
func pathIn(c *call, path string) (string, error) {
	path, err := expandHome(path)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir(), path)
	}
	return filepath.Clean(path), nil
}

// withoutPath drops the operation and path that package os puts in front of an error.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func expandHome(path string) (string, error) {
	if path == "" || path[0] != '~' {
		return path, nil
	}
	if len(path) > 1 && path[1] != '/' && path[1] != '\\' {
		return "", errors.New("cannot expand user-specific home dir")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("failed to expand ~: %w", err)
	}
	return filepath.Join(home, path[1:]), nil
}

func buildAbsPath(c *call) function.Function {
	return stdText(func(path string) (string, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(c.dir(), path)
		}
		return filepath.ToSlash(filepath.Clean(path)), nil
	})
}

func buildFileExists(c *call) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			path, err := pathIn(c, args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			info, err := os.Stat(path)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return cty.False, nil
			case err != nil:
				return cty.NilVal, fmt.Errorf("failed to stat %q: %w", path, withoutPath(err))
			case !info.Mode().IsRegular():
				return cty.NilVal, fmt.Errorf("%q is not a regular file, but %q", path, info.Mode())
			}
			return cty.True, nil
		},
	})
}
