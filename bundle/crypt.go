package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

const encryptedSuffix = ".age"

// ErrNoIdentity says that a bundle is encrypted and nothing was given to open
// it with.
var ErrNoIdentity = errors.New("the bundle is encrypted: pass --identity FILE with the age identity that it was encrypted to")

// Recipients reads age recipients: "age1...", or files with one a line.
func Recipients(list []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, text := range list {
		if !strings.HasPrefix(text, "age1") {
			b, err := os.ReadFile(text)
			if err != nil {
				return nil, fmt.Errorf("--encrypt-to: neither an age recipient (age1...) nor a file: %w", err)
			}
			text = string(b)
		}
		r, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("--encrypt-to: %w", err)
		}
		all = append(all, r...)
	}
	return all, nil
}

// Identities reads the files with age identities.
func Identities(files []string) ([]age.Identity, error) {
	var all []age.Identity
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("--identity: %w", err)
		}
		ids, err := age.ParseIdentities(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("--identity %s: it holds no age identity", file) // the error would quote the line
		}
		all = append(all, ids...)
	}
	return all, nil
}

func encrypt(text []byte, to []age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

func decrypt(text []byte, ids []age.Identity) ([]byte, error) {
	if len(ids) == 0 {
		return nil, ErrNoIdentity
	}
	r, err := age.Decrypt(bytes.NewReader(text), ids...)
	if err != nil {
		return nil, fmt.Errorf("none of the identities opens the bundle: %w", err)
	}
	return io.ReadAll(r)
}

// names are recipients as text, for the manifest.
func names(to []age.Recipient) []string {
	var list []string
	for _, r := range to {
		if s, ok := r.(fmt.Stringer); ok {
			list = append(list, s.String())
		}
	}
	return list
}
