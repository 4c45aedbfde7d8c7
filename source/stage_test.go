package source

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestStageFetchesOnce(t *testing.T) {
	t.Parallel()
	s := &stages{parent: t.TempDir()}
	var calls atomic.Int32
	fetch := func(_ context.Context, dest string) error {
		calls.Add(1)
		return os.MkdirAll(dest, 0o755)
	}
	var wg sync.WaitGroup
	dirs := make([]string, 8)
	for i := range dirs {
		wg.Go(func() { dirs[i], _ = s.get(t.Context(), "u", fetch) })
	}
	wg.Wait()
	for _, d := range dirs {
		if d == "" || d != dirs[0] {
			t.Errorf("got %q and %q", d, dirs[0])
		}
	}
	if calls.Load() != 1 {
		t.Errorf("%d fetches", calls.Load())
	}
	if err := s.close(); err != nil || exists(dirs[0]) {
		t.Errorf("the tree is still there, %v", err)
	}
}

func TestStageForgetsFailure(t *testing.T) {
	t.Parallel()
	s := &stages{parent: t.TempDir()}
	boom := errors.New("boom")
	var dest string
	_, err := s.get(t.Context(), "u", func(_ context.Context, d string) error {
		dest = d
		write(t, filepath.Join(d, "half"), "")
		return boom
	})
	if !errors.Is(err, boom) || exists(dest) {
		t.Errorf("%v, half a tree left: %v", err, exists(dest))
	}
	if dir, err := s.get(t.Context(), "u", func(_ context.Context, d string) error { return nil }); err != nil || dir == "" {
		t.Errorf("second try: %v", err)
	}
}

func TestStageCancellationIsNotShared(t *testing.T) {
	parent := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := &stages{parent: parent}
		first, cancel := context.WithCancel(t.Context())
		wait := func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		}
		var wg sync.WaitGroup
		var errFirst, errSecond error
		wg.Go(func() { _, errFirst = s.get(first, "u", wait) })
		synctest.Wait()
		wg.Go(func() {
			_, errSecond = s.get(t.Context(), "u", func(context.Context, string) error { return nil })
		})
		synctest.Wait()
		cancel()
		wg.Wait()
		if !errors.Is(errFirst, context.Canceled) || errSecond != nil {
			t.Errorf("first %v, second %v", errFirst, errSecond)
		}
	})
}
