package sops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

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
// held by a service that this package does not speak to.
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
func (k *Keys) dataKey(ctx context.Context, m *metadata) ([]byte, error) {
	groups := m.groups()
	failed := &KeyError{}
	var parts [][]byte
	for _, g := range groups {
		part, err := k.open(ctx, g, failed)
		if err != nil {
			return nil, err
		}
		if part != nil {
			parts = append(parts, part)
		}
	}
	switch {
	case len(groups) == 1 && len(parts) == 1:
		return parts[0], nil
	case len(groups) > 1 && len(parts) >= max(int(m.Threshold), 2):
		return combine(parts)
	}
	return nil, failed
}

// attempt is one key of a group.
type attempt struct {
	name string
	open func(ctx context.Context) ([]byte, error)
}

var errForeign = errors.New("there is no client for this service here")

// open tries the keys of a group, those of this machine first. It gives nil
// where none fits, and notes why.
func (k *Keys) open(ctx context.Context, g keyGroup, failed *KeyError) ([]byte, error) {
	for _, a := range k.attempts(g) {
		key, err := a.open(ctx)
		if cancelled := ctx.Err(); cancelled != nil {
			return nil, cancelled
		}
		if err == nil {
			return key, nil
		}
		failed.Foreign = failed.Foreign || errors.Is(err, errForeign)
		failed.Tried = append(failed.Tried, fmt.Sprintf("%s: %v", a.name, err))
	}
	return nil, nil
}

func (k *Keys) attempts(g keyGroup) []attempt {
	var list []attempt
	add := func(name string, open func(ctx context.Context) ([]byte, error)) {
		list = append(list, attempt{name, open})
	}
	for _, key := range g.Age {
		add("age "+key.Recipient, func(ctx context.Context) ([]byte, error) { return k.openAge(ctx, key) })
	}
	for _, key := range g.PGP {
		add("PGP "+key.Fingerprint, func(ctx context.Context) ([]byte, error) { return k.openPGP(ctx, key) })
	}
	for _, key := range g.KMS {
		add("AWS KMS "+key.ARN, func(ctx context.Context) ([]byte, error) { return k.openKMS(ctx, key) })
	}
	for _, key := range g.Vault {
		add("Vault "+key.Address+"/"+key.Engine+"/"+key.Name, func(ctx context.Context) ([]byte, error) { return k.openVault(ctx, key) })
	}
	foreign := func(context.Context) ([]byte, error) { return nil, errForeign }
	for _, f := range []struct {
		name string
		keys []otherKey
	}{{"Google Cloud KMS", g.GCP}, {"Azure Key Vault", g.Azure}, {"Huawei Cloud KMS", g.HC}} {
		if len(f.keys) > 0 {
			add(f.name, foreign)
		}
	}
	return list
}
