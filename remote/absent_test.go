package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// asked counts how often it is looked at. Of Storage only Missing is used.
type asked struct {
	Storage
	times   atomic.Int64
	missing []Change
	err     error
}

func (a *asked) Missing(context.Context, Settings) ([]Change, error) {
	a.times.Add(1)
	return a.missing, a.err
}

// TestAbsentOnce: a hundred units name one bucket with keys of their own; it is
// looked at once. Another bucket, and another user, are looked at again.
func TestAbsentOnce(t *testing.T) {
	t.Parallel()
	var c Connections
	bucket := &asked{missing: []Change{{Action: "update", Object: "bucket b", Detail: "versioning on"}}}
	ask := func(name, key, user string) {
		object, err := c.Absent(t.Context(), bucket, Settings{Backend: "s3", Config: map[string]any{"bucket": name, "key": key}, Env: []string{"TF_VAR_x=" + key, "AWS_PROFILE=" + user}})
		if object != "" || err != nil {
			t.Errorf("got %q, %v", object, err)
		}
	}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() { ask("b", fmt.Sprint(i), "me") })
	}
	wg.Wait()
	if n := bucket.times.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	ask("c", "1", "me")
	ask("b", "1", "you")
	if n := bucket.times.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

// TestAbsentAgain: neither an absence nor a failure is remembered.
func TestAbsentAgain(t *testing.T) {
	t.Parallel()
	var c Connections
	s := Settings{Backend: "s3", Config: map[string]any{"bucket": "b"}}
	bucket := &asked{err: errors.New("no answer")}
	if _, err := c.Absent(t.Context(), bucket, s); err == nil {
		t.Error("no error")
	}
	bucket.err, bucket.missing = nil, []Change{{Action: "create", Object: "bucket b"}}
	if object, err := c.Absent(t.Context(), bucket, s); object != "bucket b" || err != nil {
		t.Errorf("got %q, %v", object, err)
	}
	bucket.missing = nil
	if object, err := c.Absent(t.Context(), bucket, s); object != "" || err != nil || bucket.times.Load() != 3 {
		t.Errorf("got %q, %v after %d times", object, err, bucket.times.Load())
	}
}
