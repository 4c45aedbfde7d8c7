package sops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/age"
	"github.com/getsops/sops/v3/azkv"
	"github.com/getsops/sops/v3/gcpkms"
	"github.com/getsops/sops/v3/hckms"
	"github.com/getsops/sops/v3/hcvault"
	"github.com/getsops/sops/v3/keys"
	"github.com/getsops/sops/v3/kms"
	"github.com/getsops/sops/v3/pgp"
	"github.com/getsops/sops/v3/shamir"

	"github.com/terrace-iac/terrace/run/awsauth"
)

// Keys opens data keys with what an environment gives access to.
type Keys struct {
	Env []string
	// Run starts a program and gives its standard output.
	Run func(ctx context.Context, c Command) ([]byte, error)
	// Client asks Vault; nil for one of its own.
	Client *http.Client
}

// Command is a program that holds keys: gpg, or one that prints an age key.
type Command struct {
	Argv  []string
	Env   []string
	Stdin io.Reader
}

func (k *Keys) get(name string) string { return awsauth.Env(k.Env).Get(name) }

// KeyError says why no key opened a file. Foreign says that one of its keys is
// held by a service to which the library cannot speak with this environment.
type KeyError struct {
	Tried   []string // "age1...: no identity matches"
	Foreign bool
}

func (e *KeyError) Error() string {
	if len(e.Tried) == 0 {
		return "no key that could open it is named in its metadata"
	}
	return "none of its keys could be used:\n  " + strings.Join(e.Tried, "\n  ")
}

// dataKey opens the key that the values are encrypted with. With several
// groups, each holds a part of it.
func (k *Keys) dataKey(ctx context.Context, m *sops.Metadata) ([]byte, error) {
	failed := &KeyError{}
	var parts [][]byte
	for _, g := range m.KeyGroups {
		part, err := k.open(ctx, g, failed)
		if err != nil {
			return nil, err
		}
		if part != nil {
			parts = append(parts, part)
		}
	}
	switch {
	case len(m.KeyGroups) == 1 && len(parts) == 1:
		return parts[0], nil
	case len(m.KeyGroups) > 1 && len(parts) >= max(m.ShamirThreshold, 2):
		return shamir.Combine(parts)
	}
	return nil, failed
}

// open tries the keys of a group, those of this machine first. It gives nil
// where none fits, and notes why.
func (k *Keys) open(ctx context.Context, g sops.KeyGroup, failed *KeyError) ([]byte, error) {
	order := slices.Clone(g)
	slices.SortStableFunc(order, func(a, b keys.MasterKey) int { return rank(a) - rank(b) })
	for _, key := range order {
		name, part, err := k.openWith(ctx, key)
		if cancelled := ctx.Err(); cancelled != nil {
			return nil, cancelled
		}
		if err == nil {
			return part, nil
		}
		failed.Foreign = failed.Foreign || errors.Is(err, errForeign)
		failed.Tried = append(failed.Tried, fmt.Sprintf("%s: %v", name, err))
	}
	return nil, nil
}

// rank sorts keys of this machine before those of services.
func rank(key keys.MasterKey) int {
	return slices.Index([]string{age.KeyTypeIdentifier, pgp.KeyTypeIdentifier, kms.KeyTypeIdentifier, hcvault.KeyTypeIdentifier,
		gcpkms.KeyTypeIdentifier, azkv.KeyTypeIdentifier, hckms.KeyTypeIdentifier}, key.TypeToIdentifier())
}

// openWith opens a data key, or a part of one, and names the key it used.
func (k *Keys) openWith(ctx context.Context, key keys.MasterKey) (name string, part []byte, err error) {
	switch key := key.(type) {
	case *age.MasterKey:
		part, err = k.openAge(ctx, key)
		return "age " + key.Recipient, part, err
	case *pgp.MasterKey:
		part, err = k.openPGP(ctx, key)
		return "PGP " + key.Fingerprint, part, err
	case *kms.MasterKey:
		part, err = k.openKMS(ctx, key)
		return "AWS KMS " + key.Arn, part, err
	case *hcvault.MasterKey:
		part, err = k.openVault(ctx, key)
		return "Vault " + key.VaultAddress + "/" + key.EnginePath + "/" + key.KeyName, part, err
	case *gcpkms.MasterKey:
		part, err = k.openForeign(ctx, key)
		return "Google Cloud KMS " + key.ResourceID, part, err
	case *azkv.MasterKey:
		part, err = k.openForeign(ctx, key)
		return "Azure Key Vault " + key.ToString(), part, err
	case *hckms.MasterKey:
		part, err = k.openForeign(ctx, key)
		return "Huawei Cloud KMS " + key.KeyID, part, err
	}
	return key.ToString(), nil, errors.New("keys of this kind are not known here")
}
