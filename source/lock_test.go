package source

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestLockExcludes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x", ".lock")
	log := slog.New(slog.DiscardHandler)
	first, err := acquire(t.Context(), file, log)
	if err != nil || first.waited {
		t.Fatal(first, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 3*lockPoll)
	defer cancel()
	if _, err := acquire(short, file, log); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held lock: %v", err)
	}
	time.AfterFunc(2*lockPoll, first.release)
	second, err := acquire(t.Context(), file, log)
	if err != nil || !second.waited {
		t.Fatalf("%+v, %v", second, err)
	}
	second.release()
}

// Two runs that prepare the same unit at once end with a whole folder.
func TestTwoStoresOnOneUnit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "module", "mod/d/x.tf", "", "unit/main.tf", "unit", "unit/e/y.tf", "")
	r := b.request("../mod")
	for range 5 {
		if err := os.RemoveAll(r.DownloadDir); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			s := NewStore(Options{})
			wg.Go(func() {
				if err := errors.Join(s.Fetch(t.Context(), r), s.CopyUnit(t.Context(), r)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := b.store.CopyUnit(t.Context(), r); err != nil {
			t.Error(err)
		}
		b.want(r.Layout().WorkDir, "d/x.tf e/y.tf main.tf")
	}
}
