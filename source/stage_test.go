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
	fetch := func(_ context.Context, dest string) (*folder, error) {
		calls.Add(1)
		return nil, os.MkdirAll(dest, 0o755)
	}
	var wg sync.WaitGroup
	dirs := make([]string, 8)
	for i := range dirs {
		wg.Go(func() {
			if st, err := s.get(t.Context(), "u", fetch); err == nil {
				dirs[i] = st.dir
			}
		})
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
	_, err := s.get(t.Context(), "u", func(_ context.Context, d string) (*folder, error) {
		dest = d
		write(t, filepath.Join(d, "half"), "")
		return nil, boom
	})
	if !errors.Is(err, boom) || exists(dest) {
		t.Errorf("%v, half a tree left: %v", err, exists(dest))
	}
	if st, err := s.get(t.Context(), "u", func(context.Context, string) (*folder, error) { return nil, nil }); err != nil || st.dir == "" {
		t.Errorf("second try: %v", err)
	}
}

func TestStageCancellationIsNotShared(t *testing.T) {
	parent := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := &stages{parent: parent}
		first, cancel := context.WithCancel(t.Context())
		wait := func(ctx context.Context, _ string) (*folder, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		var wg sync.WaitGroup
		var errFirst, errSecond error
		wg.Go(func() { _, errFirst = s.get(first, "u", wait) })
		synctest.Wait()
		wg.Go(func() {
			_, errSecond = s.get(t.Context(), "u", func(context.Context, string) (*folder, error) { return nil, nil })
		})
		synctest.Wait()
		cancel()
		wg.Wait()
		if !errors.Is(errFirst, context.Canceled) || errSecond != nil {
			t.Errorf("first %v, second %v", errFirst, errSecond)
		}
	})
}
