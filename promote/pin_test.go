package promote

import "testing"

func TestReadPin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, constraint, module, version, repository string }{
		{"git::https://example.com/m.git//vpc?ref=v0.0.5", "", "git::https://example.com/m//vpc", "v0.0.5", "git::https://example.com/m"},
		{"git::https://token@example.com/m.git//vpc?ref=v0.0.5&depth=1", "", "git::https://example.com/m//vpc", "v0.0.5", "git::https://example.com/m"},
		{"git::ssh://git@example.com/m.git?ref=main", "", "git::ssh://git@example.com/m", "main", "git::ssh://git@example.com/m"},
		{"tfr:///a/b/c?version=1.2.3", "", "tfr::tfr:///a/b/c", "1.2.3", "tfr::tfr:///a/b/c"},
		{"tfr:///a/b/c", "~> 4.0", "tfr::tfr:///a/b/c", "~> 4.0", "tfr::tfr:///a/b/c"},
		{"git::https://example.com/m.git//vpc", "", "git::https://example.com/m//vpc", "", "git::https://example.com/m"},
	} {
		p := ReadPin(c.source, c.constraint, "/live")
		if p.Module != c.module || p.Version != c.version || p.Repository() != c.repository {
			t.Errorf("%s: %+v, repository %s", c.source, p, p.Repository())
		}
	}
	if p := ReadPin("../m", "", "/live/a"); !p.Local || p.Version != "" {
		t.Errorf("a folder: %+v", p)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		n    int
		ok   bool
	}{
		{"v0.0.5", "v0.0.6", -1, true},
		{"v0.0.10", "v0.0.9", 1, true},
		{"1.0.0", "1.0.0", 0, true},
		{"vpc-v1.2.0", "vpc-v1.3.0", -1, true},
		{"vpc-v1.2.0", "rds-v1.3.0", 0, false},
		{"v1.0.0-rc1", "v1.0.0", -1, true},
		{"main", "v1.0.0", 0, false},
		{"0a1b2c3d", "v1.0.0", 0, false},
		{"release/2024.01", "release/2024.02", -1, true},
		{"v1.0.0", "1.0.0", 0, false},
		{"~> 4.0", "~> 5.0", -1, true},
		{"main", "main", 0, true},
	} {
		if n, ok := Order(c.a, c.b); n != c.n || ok != c.ok {
			t.Errorf("Order(%q, %q) = %d, %v", c.a, c.b, n, ok)
		}
	}
}
