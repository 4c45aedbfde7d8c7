package bundle

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"github.com/terrace-iac/terrace/review"
)

// Bundle is a bundle on disk.
type Bundle struct {
	Dir    string
	Base   *Sealed
	Rounds []*Sealed // in order
}

// Sealed is a manifest with its files: that of the bundle or of a round.
type Sealed struct {
	folder
	Manifest *Manifest
	Bytes    []byte // of the manifest, as signatures are over them
	Digest   string // sha256 of them
}

// Newest is what waits to be approved or applied: the last round, or the
// bundle itself.
func (b *Bundle) Newest() *Sealed {
	if n := len(b.Rounds); n > 0 {
		return b.Rounds[n-1]
	}
	return b.Base
}

// Open reads a bundle and checks every file in it against its manifests. What
// is encrypted is opened with identities, when it is needed.
func Open(dir string, ids []age.Identity) (*Bundle, error) {
	base, err := openSealed(dir, ids)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no bundle in this folder", dir)
	}
	if err != nil {
		return nil, err
	}
	b := &Bundle{Dir: dir, Base: base}
	for n := 1; ; n++ {
		r, err := openSealed(roundDir(dir, n), ids)
		if errors.Is(err, fs.ErrNotExist) {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if r.Manifest.Parent != b.Newest().Digest || r.Manifest.Round != n {
			return nil, fmt.Errorf("%s: it does not continue the manifest before it", filepath.Join(r.dir, ManifestName))
		}
		b.Rounds = append(b.Rounds, r)
	}
}

func roundDir(dir string, n int) string { return filepath.Join(dir, "rounds", strconv.Itoa(n)) }

func openSealed(dir string, ids []age.Identity) (*Sealed, error) {
	b, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return nil, err
	}
	m, err := decodeManifest(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	s := &Sealed{folder: folder{dir: dir, ids: ids}, Manifest: m, Bytes: b, Digest: digest(b)}
	if err := s.check(m); err != nil {
		return nil, err
	}
	return s, s.checkCreator()
}

// checkCreator verifies the signature of whoever made it, where the manifest
// says that there is one: a manifest that was changed afterwards fails here.
func (s *Sealed) checkCreator() error {
	if s.Manifest.Creator.Key == "" {
		return nil
	}
	path := filepath.Join(s.dir, "creator.sig")
	sig, err := os.ReadFile(path)
	if err != nil {
		return &TamperedError{Path: path, Gone: true}
	}
	key, err := Verify(sig, s.Bytes)
	if err != nil {
		return fmt.Errorf("%s: the creator's signature: %w", path, err)
	}
	if got := ssh.FingerprintSHA256(key); got != s.Manifest.Creator.Key {
		return fmt.Errorf("%s: it was made with the key %s, and the manifest names %s", path, got, s.Manifest.Creator.Key)
	}
	return nil
}

// Review is the page on the manifest.
func (s *Sealed) Review() (*review.Review, error) {
	for _, a := range s.Manifest.Pages {
		if a.Name == "review.json" {
			b, err := s.get(a)
			if err != nil {
				return nil, err
			}
			return review.ReadJSON(b)
		}
	}
	return nil, fmt.Errorf("%s: it has no review", s.dir)
}

// key is what sensitive values are hidden with. It is in the bundle itself.
func (b *Bundle) key() ([]byte, error) {
	for _, a := range b.Base.Manifest.Pages {
		if a.Name == "key" || a.Name == "key"+encryptedSuffix {
			text, err := b.Base.get(a)
			if err != nil {
				return nil, err
			}
			return hex.DecodeString(string(text))
		}
	}
	return nil, fmt.Errorf("%s: it has no key", b.Dir)
}

func fingerprint(s ssh.Signer) string { return ssh.FingerprintSHA256(s.PublicKey()) }
