package sops

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// metadata is what sops has written beside the values.
type metadata struct {
	keyGroup
	Groups    []keyGroup `json:"key_groups"`
	Threshold looseInt   `json:"shamir_threshold"`

	LastModified string    `json:"lastmodified"`
	MAC          string    `json:"mac"`
	SecretsOnly  looseBool `json:"mac_only_encrypted"`

	UnencryptedSuffix       string `json:"unencrypted_suffix"`
	EncryptedSuffix         string `json:"encrypted_suffix"`
	UnencryptedRegex        string `json:"unencrypted_regex"`
	EncryptedRegex          string `json:"encrypted_regex"`
	UnencryptedCommentRegex string `json:"unencrypted_comment_regex"`
	EncryptedCommentRegex   string `json:"encrypted_comment_regex"`

	selection selection
}

// keyGroup is a set of keys, any of which opens the data key or a part of it.
type keyGroup struct {
	Age   []ageKey   `json:"age"`
	PGP   []pgpKey   `json:"pgp"`
	KMS   []kmsKey   `json:"kms"`
	Vault []vaultKey `json:"hc_vault"`
	GCP   []otherKey `json:"gcp_kms"`
	Azure []otherKey `json:"azure_kv"`
	HC    []otherKey `json:"hckms"`
}

// otherKey is a key of a service that this package has no client for.
type otherKey struct{}

// looseInt and looseBool are strings in the formats that know nothing else.
type (
	looseInt  int
	looseBool bool
)

func (n *looseInt) UnmarshalJSON(b []byte) error {
	v, err := strconv.Atoi(strings.Trim(string(b), `"`))
	*n = looseInt(v)
	return err
}

func (x *looseBool) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseBool(strings.Trim(string(b), `"`))
	*x = looseBool(v)
	return err
}

// ErrNotEncrypted says that a file holds nothing that sops has written.
var ErrNotEncrypted = errors.New("the file is not encrypted with sops: it has no sops metadata")

// newMetadata reads it from the mapping that it was found in.
func newMetadata(found branch) (*metadata, error) {
	b, err := json.Marshal(plainValue(found))
	if err != nil {
		return nil, err
	}
	m := &metadata{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("the sops metadata is malformed: %w", err)
	}
	if _, err := time.Parse(time.RFC3339, m.LastModified); err != nil {
		return nil, fmt.Errorf("the sops metadata is malformed: lastmodified is %q", m.LastModified)
	}
	m.selection, err = m.newSelection()
	return m, err
}

func (m *metadata) newSelection() (selection, error) {
	set := 0
	for _, text := range []string{m.UnencryptedSuffix, m.EncryptedSuffix, m.UnencryptedRegex, m.EncryptedRegex, m.UnencryptedCommentRegex, m.EncryptedCommentRegex} {
		if text != "" {
			set++
		}
	}
	s := selection{plainSuffix: m.UnencryptedSuffix, secretSuffix: m.EncryptedSuffix}
	switch {
	case set > 1:
		return s, errors.New("the sops metadata is malformed: more than one rule says what is encrypted")
	case set == 0:
		s.plainSuffix = "_unencrypted"
	}
	for _, r := range []struct {
		text string
		to   **regexp.Regexp
	}{
		{m.UnencryptedRegex, &s.plainKeys}, {m.EncryptedRegex, &s.secretKeys},
		{m.UnencryptedCommentRegex, &s.plainAbove}, {m.EncryptedCommentRegex, &s.secretAbove},
	} {
		if r.text == "" {
			continue
		}
		var err error
		if *r.to, err = regexp.Compile(r.text); err != nil {
			return s, fmt.Errorf("the sops metadata is malformed: %w", err)
		}
	}
	return s, nil
}

// groups are the key groups: one, unless the data key was split.
func (m *metadata) groups() []keyGroup {
	if len(m.Groups) > 0 && m.keyGroup.size() == 0 {
		return m.Groups
	}
	return []keyGroup{m.keyGroup}
}

func (g keyGroup) size() int {
	return len(g.Age) + len(g.PGP) + len(g.KMS) + len(g.Vault) + len(g.GCP) + len(g.Azure) + len(g.HC)
}

// plainValue turns a tree's value into maps and lists, without comments.
func plainValue(v any) any {
	switch v := v.(type) {
	case branch:
		m := make(map[string]any, len(v))
		for _, it := range v {
			if name, ok := it.key.(string); ok {
				m[name] = plainValue(it.value)
			}
		}
		return m
	case []any:
		list := make([]any, 0, len(v))
		for _, x := range v {
			if _, ok := x.(comment); !ok {
				list = append(list, plainValue(x))
			}
		}
		return list
	}
	return v
}

// takeMetadata takes the entry "sops" out of the mappings of a document. That
// of the first mapping counts.
func takeMetadata(t tree) (branch, error) {
	var found branch
	for i, b := range t {
		kept := b[:0]
		for _, it := range b {
			if it.key != "sops" {
				kept = append(kept, it)
				continue
			}
			m, ok := it.value.(branch)
			if i == 0 && (!ok || found != nil) {
				return nil, ErrNotEncrypted
			}
			if i == 0 {
				found = m
			}
		}
		t[i] = kept
	}
	if found == nil {
		return nil, ErrNotEncrypted
	}
	return found, nil
}
