package source

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestGlobCovers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, path string
		want          bool
	}{
		{"exc", "exc", true},
		{"exc", "excxx.txt", false},
		{"exc", "exc/deep/x", true},
		{"exc/", "exc/x", true},
		{"./exc", "exc", true},
		{"*.cfg", "a.cfg", true},
		{"*.cfg", "dir/a.cfg", false},
		{"**/*.cfg", "a.cfg", true},
		{"**/*.cfg", "x/y/a.cfg", true},
		{"dir/**", "dir/x", true},
		{"dir/**", "dir/x/y", true},
		{"dir/**", "dir", false},
		{"dir/**/x", "dir/x", true},
		{"dir/**/x", "dir/a/b/x/y", true},
		{"dir/**/x", "dir/a/b", false},
		{"a/?.txt", "a/b.txt", true},
		{"a/[bc].txt", "a/d.txt", false},
		{"{a,b/{c,d}}.txt", "b/d.txt", true},
		{"{a,b/{c,d}}.txt", "b/e.txt", false},
		{"**", "x", true},
		{".", "x/y", true},
	}
	for _, tt := range tests {
		globs, err := compileGlobs([]string{tt.pattern})
		if err != nil {
			t.Fatal(err)
		}
		if got := anyCovers(globs, strings.Split(tt.path, "/")); got != tt.want {
			t.Errorf("%s on %s: %v", tt.pattern, tt.path, got)
		}
	}
}

func TestExpandBraces(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"a":        {"a"},
		"{a,b}c":   {"ac", "bc"},
		"x{a}":     {"xa"},
		"{a,b":     {"{a,b"},
		"{a,{b,}}": {"a", "b", ""},
	} {
		if got := expandBraces(in); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q", in, got)
		}
	}
}

func TestBadPattern(t *testing.T) {
	t.Parallel()
	_, err := newFilter(nil, []string{"a/[b"})
	var typed *PatternError
	if !errors.As(err, &typed) || typed.Pattern != "a/[b" {
		t.Errorf("got %v", err)
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	f, err := newFilter([]string{".in", ".conf/*.yml", ".terragrunt-cache"}, []string{"out", "*.bak", ".in/no"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"main.tf": true, "a/b.tf": true, ".terraform.lock.hcl": true, "a/.terraform.lock.hcl": true,
		".tflint.hcl": true, "a/.tflint.hcl": false, ".env": false, "a/.env": false, ".git/config": false,
		".in": true, ".in/x/.y": true, ".in/no": false, ".conf/a.yml": true, ".conf/a.txt": false,
		"out": false, "out/x": false, "outer": true, "x.bak": false, "a/x.bak": true,
		"terragrunt.hcl": true, "terraform.tfvars": true, ".terragrunt-source-manifest": false,
	} {
		if got := f.file(strings.Split(path, "/")); got != want {
			t.Errorf("file %s: %v", path, got)
		}
	}
	for path, want := range map[string]verdict{
		"a": deliver, "out": leave, ".conf": transit, ".in": deliver, ".git": leave, ".terragrunt-cache": leave,
	} {
		if got := f.dir(strings.Split(path, "/")); got != want {
			t.Errorf("folder %s: %v", path, got)
		}
	}
}
