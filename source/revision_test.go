package source

import "testing"

func TestPickRef(t *testing.T) {
	t.Parallel()
	const list = "1111\trefs/heads/v1\n2222\trefs/tags/v1\n3333\trefs/tags/v1^{}\n4444\trefs/heads/other/v1\n5555\tHEAD\n"
	for ref, want := range map[string]string{"v1": "3333", "HEAD": "5555", "refs/heads/v1": "1111", "heads/v1": "1111", "v2": "", "other/v1": "4444"} {
		if got := pickRef(list, ref); got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

func TestIsCommit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"0123456789abcdef0123456789abcdef01234567": true, "0123456789ABCDEF0123456789abcdef01234567": false, "abc": false, "": false,
		"0123456789abcdef0123456789abcdef0123456g": false,
	} {
		if isCommit(text) != want {
			t.Errorf("%q", text)
		}
	}
}
