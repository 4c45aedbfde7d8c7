package source

import (
	"slices"
	"strings"
	"testing"
)

func TestReleases(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	a, err := Parse("tfr:///acme/vpc/aws//sub?version=1.0.0", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.store.Releases(t.Context(), a, r.host, []string{})
	if err != nil || !slices.Contains(list, "5.0.0") || len(list) < 2 {
		t.Errorf("Releases = %q, %v", list, err)
	}
	if a, err = Parse("https://example.com/x.zip", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if list, err = r.store.Releases(t.Context(), a, "", nil); len(list) > 0 || err != nil {
		t.Errorf("of an archive: %q, %v", list, err)
	}
	if a, err = Parse("git::file://user:hidden@/no/such/repository.git", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if _, err = r.store.Releases(t.Context(), a, "", nil); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("of a repository that is not there: %v", err)
	}
}
