package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/terrace-iac/terrace/review"
	"github.com/terrace-iac/terrace/run"
)

// Format names the form of the manifest.
const Format = "terrace-bundle/1"

// ManifestName is the file that signatures are over.
const ManifestName = "bundle.json"

// Manifest lists everything that a bundle consists of.
type Manifest struct {
	Format      string     `json:"format"`
	ID          string     `json:"id"`
	Created     time.Time  `json:"created"`
	Expires     time.Time  `json:"expires"`
	Parent      string     `json:"parent,omitempty"` // of a round: sha256 of the manifest that it continues
	Round       int        `json:"round,omitempty"`
	Repository  string     `json:"repository"`      // address, "" where there is none
	Environment string     `json:"environment"`     // "" outside environments
	Commit      string     `json:"commit"`          // that was checked out, "" outside git
	Since       string     `json:"since,omitempty"` // commit of the environment's bundle before this one
	Creator     Person     `json:"creator"`
	Tool        string     `json:"tool"`                   // our version
	Encrypted   bool       `json:"encrypted"`              // plans and their JSON are encrypted
	EncryptedTo []string   `json:"encrypted_to,omitempty"` // age recipients
	Pages       []Artefact `json:"pages"`                  // for the bundle as a whole
	Units       []Unit     `json:"units"`                  // by wave, then by path
}

// Person is who made a bundle.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Key   string `json:"key,omitempty"` // fingerprint of the SSH key that it is signed with
}

// Artefact is one file of a bundle.
type Artefact struct {
	Name   string `json:"name"` // path from the manifest's folder, with slashes
	SHA256 string `json:"sha256"`
}

// Status says what becomes of a unit's plan.
type Status string

// The states of a unit in a bundle.
const (
	Planned  Status = "planned"  // its saved plan is applied
	Tainted  Status = "tainted"  // planned again with real outputs, and compared with what was reviewed
	Deferred Status = "deferred" // cannot be planned before what it depends on is applied
)

// Unit is one plan and what it was made of.
type Unit struct {
	Path      string            `json:"path"`     // from the repository's root, with slashes
	WorkDir   string            `json:"work_dir"` // absolute
	Content   string            `json:"content"`  // digest of the files that were read; see ContentDigest
	Source    string            `json:"source"`   // of the module, "" for the unit itself
	Revision  string            `json:"revision"` // that the source led to, "" where there is none
	Binary    Binary            `json:"binary"`
	Providers map[string]string `json:"providers"` // versions by source address
	State     run.StateMark     `json:"state"`
	Artefacts []Artefact        `json:"artefacts"`
	Counts    review.Counts     `json:"counts"`
	Changes   bool              `json:"changes"` // applying the plan would do something
	Mocked    []Mocked          `json:"mocked"`
	Wave      int               `json:"wave"` // from 1
	Status    Status            `json:"status"`
	Why       string            `json:"why,omitempty"` // it is not planned
}

// Binary is the program that made a plan.
type Binary struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Mocked is a leaf that stood in for an output that was not there.
type Mocked struct {
	Dependency string `json:"dependency"` // label of the block, in the unit that has it
	Path       string `json:"path"`
	Digest     string `json:"digest"` // of its value, keyed
}

func (m Mocked) String() string { return m.Dependency + "." + m.Path }

// artefact gives the file of a unit by its base name, with or without .age.
func (u Unit) artefact(name string) (Artefact, bool) {
	for _, a := range u.Artefacts {
		if base := filepath.Base(filepath.FromSlash(a.Name)); base == name || base == name+encryptedSuffix {
			return a, true
		}
	}
	return Artefact{}, false
}

// unit gives the entry of a path.
func (m *Manifest) unit(path string) (Unit, bool) {
	for _, u := range m.Units {
		if u.Path == path {
			return u, true
		}
	}
	return Unit{}, false
}

func (m *Manifest) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(m)
	return b.Bytes(), err
}

// decodeManifest reads a manifest. Names that this program does not know are
// refused: they could be conditions that it would not keep.
func decodeManifest(b []byte) (*Manifest, error) {
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return nil, fmt.Errorf("%s: %w", ManifestName, err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("%s: its format is %q, this program reads %q", ManifestName, m.Format, Format)
	}
	for _, a := range m.artefacts() {
		if !filepath.IsLocal(filepath.FromSlash(a.Name)) {
			return nil, fmt.Errorf("%s: %q leads out of the bundle", ManifestName, a.Name)
		}
	}
	for _, u := range m.Units {
		if !filepath.IsLocal(filepath.FromSlash(u.Path)) {
			return nil, fmt.Errorf("%s: the unit %q lies outside the repository", ManifestName, u.Path)
		}
	}
	if len(m.Units) == 0 {
		return nil, errors.New(ManifestName + ": it names no units")
	}
	return &m, nil
}

func (m *Manifest) artefacts() []Artefact {
	all := append([]Artefact{}, m.Pages...)
	for _, u := range m.Units {
		all = append(all, u.Artefacts...)
	}
	return all
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
