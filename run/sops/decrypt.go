package sops

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// form is one of the formats that sops encrypts.
type form interface {
	// parse gives the document and the metadata that was in it.
	parse(data []byte) (tree, branch, error)
	// emit writes the document in plain text, as sops would.
	emit(t tree) ([]byte, error)
}

// formOf chooses by a file's extension.
func formOf(path string) form {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return yamlForm{}
	case ".json":
		return jsonForm{}
	case ".env":
		return dotenvForm{}
	case ".ini":
		return iniForm{}
	}
	return binaryForm{}
}

// Error says which file could not be read. The cause holds nothing of what is
// in it.
type Error struct {
	Path string
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("decrypting %s: %v", e.Path, e.Err) }

// Unwrap gives the cause: ErrNotEncrypted, a *KeyError and others.
func (e *Error) Unwrap() error { return e.Err }

var errChanged = errors.New("the file was changed after it was encrypted: its check sum (MAC) does not fit")

// Decrypt gives the plain text of an encrypted file. Its format is told by
// path. The error is an *Error.
func (k *Keys) Decrypt(ctx context.Context, path string, data []byte) ([]byte, error) {
	plain, err := k.decrypt(ctx, formOf(path), data)
	if err != nil {
		return nil, &Error{Path: path, Err: err}
	}
	return plain, nil
}

func (k *Keys) decrypt(ctx context.Context, f form, data []byte) ([]byte, error) {
	t, found, err := f.parse(data)
	if err != nil {
		return nil, err
	}
	m, err := newMetadata(found)
	if err != nil {
		return nil, err
	}
	key, err := k.dataKey(ctx, m)
	if err != nil {
		return nil, err
	}
	sum, err := t.decrypt(key, m)
	if err != nil {
		return nil, err
	}
	if err := m.check(sum, key); err != nil {
		return nil, err
	}
	return f.emit(t)
}

// check compares the sum over the plain values with the one that was stored.
func (m *metadata) check(sum string, key []byte) error {
	written, err := time.Parse(time.RFC3339, m.LastModified)
	if err != nil {
		return err
	}
	stored, err := decryptValue(m.MAC, key, written.Format(time.RFC3339))
	if err != nil || stored != sum {
		return errChanged
	}
	return nil
}
