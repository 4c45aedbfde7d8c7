package source

import (
	"context"
	"testing"
)

func TestNewestRelease(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tags []string
		want string
	}{
		"none":                       {nil, ""},
		"numbers are not text":       {[]string{"v1.2.0", "v1.10.0", "v1.9.0"}, "v1.10.0"},
		"what is not final":          {[]string{"v2.0.0-rc.1", "v1.0.0", "v2.0.0-beta"}, "v1.0.0"},
		"only what is not final":     {[]string{"v2.0.0-rc.1"}, ""},
		"names that are no versions": {[]string{"latest", "release", "0.3.0", "modules/app/v9.0.0"}, "0.3.0"},
		"two spellings":              {[]string{"v1.0.0", "1.0.0"}, "1.0.0"},
	} {
		if got := newestRelease(c.tags); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestNewestOfOtherSources(t *testing.T) {
	t.Parallel()
	s := NewStore(Options{})
	defer s.Close()
	a, err := Parse("https://example.com/modules.zip", "/")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Newest(context.Background(), a, nil); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
