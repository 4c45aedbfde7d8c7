package promote

import "testing"

func TestSplitNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ tag, prefix, number string }{
		{"v0.0.5", "v", "0.0.5"},
		{"vpc-v1.2.0-rc.1", "vpc-v", "1.2.0-rc.1"},
		{"release/2024.01", "release/", "2024.01"},
		{"k8s-1.25-v1.0.0", "k8s-", "1.25-v1.0.0"},
		{"main", "main", ""},
		{"0a1b2c3d", "0a1b2c3d", ""},
		{"v7", "v7", ""},
	} {
		if prefix, number := splitNumber(c.tag); prefix != c.prefix || number != c.number {
			t.Errorf("%s: %q, %q", c.tag, prefix, number)
		}
	}
}
