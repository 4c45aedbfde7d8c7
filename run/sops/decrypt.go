package sops

import (
	"context"
	encodingjson "encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"
	"github.com/getsops/sops/v3/cmd/sops/formats"
	"github.com/getsops/sops/v3/config"
	"github.com/getsops/sops/v3/logging"
	"github.com/getsops/sops/v3/stores/dotenv"
	"github.com/getsops/sops/v3/stores/ini"
	"github.com/getsops/sops/v3/stores/json"
	"github.com/getsops/sops/v3/stores/yaml"
	"github.com/sirupsen/logrus"
)

// store is what the library has for each format.
type store interface {
	sops.EncryptedFileLoader
	sops.PlainFileLoader
	sops.PlainFileEmitter
}

// form is a format that files are encrypted in.
type form struct {
	name  string
	store store
	// telling says that the store's errors hold nothing of a file's text.
	telling bool
}

// formOf chooses by a file's extension, as the sops program does.
func formOf(path string) form {
	c := config.NewStoresConfig()
	switch formats.FormatForPath(path) {
	case formats.Yaml:
		return form{"YAML", yaml.NewStore(&c.YAML), true}
	case formats.Json:
		return form{"JSON", json.NewStore(&c.JSON), true}
	case formats.Dotenv:
		return form{"dotenv", dotenv.NewStore(&c.Dotenv), false}
	case formats.Ini:
		return form{"INI", ini.NewStore(&c.INI), false}
	}
	return form{"", json.NewBinaryStore(&c.JSONBinary), false}
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

// ErrNotEncrypted says that a file holds nothing that sops has written.
var ErrNotEncrypted = errors.New("the file is not encrypted with sops: it has no sops metadata")

var (
	errChanged  = errors.New("the file was changed after it was encrypted: its check sum (MAC) does not fit")
	errPlain    = errors.New("the value is not encrypted")
	errScalar   = errors.New("a number, a boolean or a time in it is not encrypted, though the file's own rules want that")
	errWrongKey = errors.New("the value cannot be decrypted: it was changed, moved, or encrypted with another key")
)

// silence keeps the library from writing to standard error, comments of a file
// among other things. Its loggers are its own.
var silence = sync.OnceFunc(func() { logging.SetLevel(logrus.PanicLevel) })

// Decrypt gives the plain text of an encrypted file. Its format is told by
// path. The error is an *Error.
func (k *Keys) Decrypt(ctx context.Context, path string, data []byte) (plain []byte, err error) {
	silence()
	defer func() {
		// The library trusts its input more than it should: what it encrypts
		// itself never gets it here.
		if recover() != nil {
			plain, err = nil, errors.New("the file is malformed")
		}
		if err != nil {
			plain, err = nil, &Error{Path: path, Err: err}
		}
	}()
	return k.decrypt(ctx, formOf(path), data)
}

func (k *Keys) decrypt(ctx context.Context, f form, data []byte) ([]byte, error) {
	t, err := f.load(data)
	if err != nil {
		return nil, err
	}
	key, err := k.dataKey(ctx, &t.Metadata)
	if err != nil {
		return nil, err
	}
	cipher := &guarded{Cipher: aes.NewCipher()}
	sum, err := t.Decrypt(key, cipher)
	if err != nil {
		return nil, cipher.explain(err)
	}
	m := t.Metadata
	stored, err := cipher.Decrypt(m.MessageAuthenticationCode, key, m.LastModified.Format(time.RFC3339))
	if err != nil || stored != sum {
		return nil, errChanged
	}
	return f.store.EmitPlainFile(t.Branches)
}

// load reads a file and its metadata.
func (f form) load(data []byte) (sops.Tree, error) {
	t, err := f.store.LoadEncryptedFile(data)
	if err != nil {
		return t, f.unreadable(data, err)
	}
	m := t.Metadata
	for _, text := range []string{m.UnencryptedRegex, m.EncryptedRegex, m.UnencryptedCommentRegex, m.EncryptedCommentRegex} {
		if _, err := regexp.Compile(text); err != nil {
			return t, fmt.Errorf("the sops metadata is malformed: %w", err)
		}
	}
	return t, nil
}

// unreadable says what is wrong with a file. The library's errors are passed on
// where they can hold nothing but metadata, or a place in the file.
func (f form) unreadable(data []byte, err error) error {
	_, broken := f.store.LoadPlainFile(data)
	text := err.Error()
	switch {
	case errors.Is(err, sops.MetadataNotFound), strings.Contains(text, "sops entry that is not a mapping"):
		return ErrNotEncrypted
	case strings.Contains(text, "No keys found in file"):
		return &KeyError{}
	case f.name == "" && !encodingjson.Valid(data):
		return fmt.Errorf("%w, nor is it the JSON that sops makes of such a file", ErrNotEncrypted)
	case broken == nil:
		return fmt.Errorf("the sops metadata is malformed: %w", err)
	case strings.Contains(text, "unmarshal errors:"): // of YAML, with values in it
		return errors.New("the YAML is not a mapping")
	case f.telling:
		return fmt.Errorf("not %s: %w", f.name, broken)
	}
	return fmt.Errorf("not %s", f.name)
}

// guarded is the library's cipher with errors that say where a value is and
// nothing of it.
type guarded struct {
	sops.Cipher
	last error
}

func (g *guarded) Decrypt(text string, key []byte, place string) (any, error) {
	v, err := g.Cipher.Decrypt(text, key, place)
	if err == nil {
		return v, nil
	}
	reason := errWrongKey
	if strings.HasSuffix(err.Error(), "does not match sops' data format") {
		reason = errPlain
	}
	g.last = fmt.Errorf("%s: %w", strings.ReplaceAll(strings.TrimSuffix(place, ":"), ":", "."), reason)
	return v, g.last
}

// explain replaces an error of the library, which may hold a value.
func (g *guarded) explain(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "Could not decrypt value: ") && g.last != nil:
		return g.last
	case strings.Contains(text, "Expected encrypted value as string"):
		return errScalar
	}
	return errors.New("the file is malformed")
}
