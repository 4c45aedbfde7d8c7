package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	slash "path"
	"strings"
)

// gcs keeps states in a bucket of Google Cloud Storage. None of the settings
// that it forwards is a boolean.
type gcs struct{ c *Connections }

func (gcs) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, gcsConsumes, none), nil
}

// State reads the state's object. Whatever goes wrong on the way is left to
// the binary, which may know other credentials.
func (g gcs) State(ctx context.Context, s Settings) (*State, error) {
	s = g.c.sharing(s)
	o := gcsStateObject(s)
	client, err := gcsClientOf(s)
	if err != nil {
		return nil, unasked(o.String(), err)
	}
	text, err := client.read(ctx, o)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errNotFound):
		return nil, fmt.Errorf("%s: %w", o, ErrNoState)
	case err != nil:
		return nil, unasked(o.String(), err)
	}
	return parsed(o.String(), text)
}

// Lock reads the object that is the lock. Its generation is the lock's ID.
func (g gcs) Lock(ctx context.Context, s Settings) (*Lock, error) {
	s = g.c.sharing(s)
	client, err := gcsClientOf(s)
	if err != nil {
		return nil, err
	}
	return client.lock(ctx, gcsLockObject(s))
}

func (c *gcsClient) lock(ctx context.Context, o gcsObject) (*Lock, error) {
	o.key = "" // locks are never encrypted with the setting's key
	meta, err := c.stat(ctx, o)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o, err)
	}
	text, err := c.read(ctx, o)
	if errors.Is(err, errNotFound) {
		return nil, nil // released since
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o, err)
	}
	l := Lock{Created: meta.Updated}
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, fmt.Errorf("the lock %s cannot be read: %w", o, err)
	}
	l.ID = meta.Generation
	return &l, nil
}

// List gives the states of the whole bucket.
func (g gcs) List(ctx context.Context, s Settings) ([]Location, error) {
	s = g.c.sharing(s)
	client, err := gcsClientOf(s)
	if err != nil {
		return nil, err
	}
	bucket := s.text("bucket")
	metas, err := client.list(ctx, bucket, "")
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", bucket, err)
	}
	var found []Location
	for _, m := range metas {
		name, ok := strings.CutSuffix(slash.Base(m.Name), ".tfstate")
		if !ok {
			continue
		}
		l := Location{Modified: m.Updated}
		if dir := slash.Dir(m.Name); dir != "." {
			l.Key = dir
		}
		if name != "default" {
			l.Workspace = name
		}
		found = append(found, l)
	}
	return found, nil
}

func gcsStateObject(s Settings) gcsObject { return gcsPlace(s, ".tfstate") }
func gcsLockObject(s Settings) gcsObject  { return gcsPlace(s, ".tflock") }

func gcsPlace(s Settings, suffix string) gcsObject {
	prefix := strings.TrimLeft(s.text("prefix"), "/")
	return gcsObject{
		bucket: s.text("bucket"), name: slash.Join(prefix, s.workspace()+suffix),
		key: strings.TrimSpace(s.contents(s.text("encryption_key", "GOOGLE_ENCRYPTION_KEY"))),
	}
}

// gcsConsumes tells which settings only say how to create the bucket.
func gcsConsumes(key string) bool {
	switch key {
	case "project", "location", "gcs_bucket_labels", "skip_bucket_versioning", "skip_bucket_creation", "enable_bucket_policy_only":
		return true
	}
	return false
}
