package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// gcsBucket is what we set and read of a bucket.
type gcsBucket struct {
	Name       string            `json:"name,omitempty"`
	Location   string            `json:"location,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Versioning *gcsSwitch        `json:"versioning,omitempty"`
	IAM        *gcsIAM           `json:"iamConfiguration,omitempty"`
}

type gcsSwitch struct {
	Enabled bool `json:"enabled"`
}

type gcsIAM struct {
	Uniform gcsSwitch `json:"uniformBucketLevelAccess"`
}

// bucket gives what the service says of a bucket, nil if it is not there.
func (c *gcsClient) bucket(ctx context.Context, name string) (*gcsBucket, error) {
	var b gcsBucket
	err := c.json(ctx, gcsCall{method: http.MethodGet, path: "b/" + url.PathEscape(name)}, &b)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, err)
	}
	return &b, nil
}

// gcsWanted is the bucket that Bootstrap would make.
func gcsWanted(s Settings) gcsBucket {
	b := gcsBucket{Name: s.text("bucket"), Location: s.text("location"), Labels: s.texts("gcs_bucket_labels")}
	if !s.flag("skip_bucket_versioning") {
		b.Versioning = &gcsSwitch{true}
	}
	if s.flag("enable_bucket_policy_only") {
		b.IAM = &gcsIAM{Uniform: gcsSwitch{true}}
	}
	return b
}

func (b gcsBucket) change() Change {
	detail := "in " + b.Location
	if b.Versioning != nil {
		detail += ", versioning on"
	}
	if b.IAM != nil {
		detail += ", access by bucket policy only"
	}
	return Change{Action: "create", Object: "bucket " + b.Name, Detail: detail}
}

// Missing tells whether the bucket has to be made. An existing one is never
// changed.
func (g gcs) Missing(ctx context.Context, s Settings) ([]Change, error) {
	s = g.c.sharing(s)
	client, err := gcsClientOf(s)
	if err != nil {
		return nil, err
	}
	b, err := client.bucket(ctx, s.text("bucket"))
	if err != nil || b != nil || s.flag("skip_bucket_creation") {
		return nil, err
	}
	return []Change{gcsWanted(s).change()}, nil
}

// Bootstrap makes the bucket.
func (g gcs) Bootstrap(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	s = g.c.sharing(s)
	return seeTo(s, []string{s.text("bucket")}, func() ([]Change, error) { return g.make(ctx, s, approve) })
}

func (g gcs) make(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	missing, err := g.Missing(ctx, s)
	if err != nil || len(missing) == 0 {
		return nil, err
	}
	wanted, project := gcsWanted(s), or(s.text("project"), s.variable("GOOGLE_CLOUD_PROJECT"))
	for key, value := range map[string]string{"project": project, "location": wanted.Location} {
		if value == "" {
			return nil, fmt.Errorf("bucket %s does not exist, and cannot be created without %s in the settings of the backend", wanted.Name, key)
		}
	}
	if err := approved(approve, missing[0]); err != nil {
		return nil, err
	}
	client, err := gcsClientOf(s)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(wanted)
	if err != nil {
		return nil, err
	}
	_, err = client.do(ctx, gcsCall{method: http.MethodPost, path: "b", query: url.Values{"project": {project}}, body: body})
	var e *GCSError
	if errors.As(err, &e) && e.Status == http.StatusConflict {
		// Somebody was faster, unless the name is taken by a stranger.
		if b, found := client.bucket(ctx, wanted.Name); found == nil && b != nil {
			return nil, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("creating bucket %s: %w", wanted.Name, err)
	}
	return missing, nil
}

// approved asks before a change.
func approved(approve Approve, c Change) error {
	if approve == nil {
		return nil
	}
	yes, err := approve(c)
	if err == nil && !yes {
		err = fmt.Errorf("%s: %w", c, ErrRefused)
	}
	return err
}

// Versioned tells whether the bucket keeps old versions.
func (g gcs) Versioned(ctx context.Context, s Settings) (bool, error) {
	s = g.c.sharing(s)
	client, err := gcsClientOf(s)
	if err != nil {
		return false, err
	}
	b, err := client.bucket(ctx, s.text("bucket"))
	if err != nil {
		return false, err
	}
	if b == nil {
		return false, fmt.Errorf("bucket %s: %w", s.text("bucket"), errNotFound)
	}
	return b.Versioning != nil && b.Versioning.Enabled, nil
}

// Delete removes the state, holding its lock. Other states below the same
// prefix stay: they are those of other workspaces, or of other units.
func (g gcs) Delete(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	s = g.c.sharing(s)
	client, err := gcsClientOf(s)
	if err != nil {
		return nil, err
	}
	o := gcsStateObject(s)
	if _, err := client.stat(ctx, o); errors.Is(err, errNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", o, err)
	}
	change := Change{Action: "delete", Object: "state " + o.String()}
	if err := approved(approve, change); err != nil {
		return nil, err
	}
	unlock, err := client.hold(ctx, gcsLockObject(s), "delete")
	if err != nil {
		return nil, err
	}
	if err := client.delete(ctx, o, ""); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", o, err), unlock())
	}
	return []Change{change}, unlock()
}

// Move copies the state within Cloud Storage and removes it from where it was.
func (g gcs) Move(ctx context.Context, from, to Settings, approve Approve) ([]Change, error) {
	from, to = g.c.sharing(from), g.c.sharing(to)
	client, err := gcsClientOf(from)
	if err != nil {
		return nil, err
	}
	source, target := gcsStateObject(from), gcsStateObject(to)
	if err := client.movable(ctx, source, target); err != nil {
		return nil, err
	}
	change := Change{Action: "move", Object: "state " + source.String(), Detail: "to " + target.String()}
	if err := approved(approve, change); err != nil {
		return nil, err
	}
	unlock, err := holdBoth(
		func() (func() error, error) { return client.hold(ctx, gcsLockObject(from), "migrate") },
		func() (func() error, error) { return client.hold(ctx, gcsLockObject(to), "migrate") },
	)
	if err != nil {
		return nil, err
	}
	if err := client.move(ctx, source, target, to.text("kms_encryption_key", "GOOGLE_KMS_ENCRYPTION_KEY")); err != nil {
		return nil, errors.Join(err, unlock())
	}
	return []Change{change}, unlock()
}

// holdBoth takes two locks, or none.
func holdBoth(first, second func() (func() error, error)) (func() error, error) {
	one, err := first()
	if err != nil {
		return nil, err
	}
	two, err := second()
	if err != nil {
		return nil, errors.Join(err, one())
	}
	return func() error { return errors.Join(two(), one()) }, nil
}

func (c *gcsClient) movable(ctx context.Context, source, target gcsObject) error {
	if _, err := c.stat(ctx, source); errors.Is(err, errNotFound) {
		return fmt.Errorf("%s: %w", source, ErrNoState)
	} else if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	_, err := c.stat(ctx, target)
	if err == nil {
		return fmt.Errorf("%s: %w", target, ErrStateExists)
	}
	if !errors.Is(err, errNotFound) {
		return fmt.Errorf("%s: %w", target, err)
	}
	return nil
}

// move copies, compares what arrived, and only then deletes.
func (c *gcsClient) move(ctx context.Context, source, target gcsObject, kmsKey string) error {
	before, err := c.read(ctx, source)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	meta, err := c.stat(ctx, source)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if err := c.copy(ctx, source, target, kmsKey); err != nil {
		return fmt.Errorf("copying %s to %s: %w", source, target, err)
	}
	after, err := c.read(ctx, target)
	if err != nil {
		return fmt.Errorf("the state is at %s still: reading what arrived at %s: %w", source, target, err)
	}
	if !bytes.Equal(before, after) {
		return fmt.Errorf("what arrived at %s differs from %s, which was not deleted", target, source)
	}
	if err := c.delete(ctx, source, meta.Generation); err != nil {
		return fmt.Errorf("the state was copied to %s, and is at %s too: %w", target, source, err)
	}
	return nil
}

// copy has the service copy an object to a place that must be free.
func (c *gcsClient) copy(ctx context.Context, source, target gcsObject, kmsKey string) error {
	header := http.Header{}
	for infix, key := range map[string]string{"": target.key, "Copy-Source-": source.key} {
		h, err := gcsKeyHeader(key, infix)
		if err != nil {
			return err
		}
		for name := range h {
			header[name] = h[name]
		}
	}
	query := url.Values{"ifGenerationMatch": {"0"}}
	if kmsKey != "" {
		query.Set("destinationKmsKeyName", kmsKey)
	}
	for {
		var answer struct {
			Done  bool   `json:"done"`
			Token string `json:"rewriteToken"`
		}
		call := gcsCall{method: http.MethodPost, path: source.path() + "/rewriteTo/" + target.path(), query: query, header: header, body: []byte("{}")}
		if err := c.json(ctx, call, &answer); err != nil || answer.Done {
			return err
		}
		query.Set("rewriteToken", answer.Token)
	}
}

// hold takes a lock as the binary does, and gives the way to release it.
func (c *gcsClient) hold(ctx context.Context, o gcsObject, operation string) (release func() error, err error) {
	text, err := json.Marshal(ownLock(operation, o.String()))
	if err != nil {
		return nil, err
	}
	meta, err := c.create(ctx, o, text)
	var e *GCSError
	if errors.As(err, &e) && e.Status == http.StatusPreconditionFailed {
		holder, _ := c.lock(ctx, o)
		return nil, heldLock(o.String(), holder)
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", o, err)
	}
	return func() error {
		if err := c.delete(context.WithoutCancel(ctx), o, meta.Generation); err != nil {
			return fmt.Errorf("releasing the lock %s: %w", o, err)
		}
		return nil
	}, nil
}
