package cli

import "testing"

func TestSizes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "12": 12, "3B": 3, "2k": 2048, "500MiB": 500 << 20, "10GB": 10 << 30, "1 T": 1 << 40} {
		if got, ok := parseSize(text); !ok || got != want {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "x", "-1", "1.5G", "1GM", "9999999999T", "GiB"} {
		if got, ok := parseSize(text); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 10 << 30: "10.0 GiB"} {
		if got := byteSize(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
