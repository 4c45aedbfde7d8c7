package configstack

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// listing gives components as "dir/file" relative to root, one a line.
func listing(t *testing.T, root string, components []Component) string {
	t.Helper()
	var b strings.Builder
	for _, c := range components {
		rel, err := filepath.Rel(root, c.File)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Dir(c.File) != c.Dir {
			t.Errorf("file %s is not in directory %s", c.File, c.Dir)
		}
		b.WriteString(c.Kind.String() + " " + filepath.ToSlash(rel) + "\n")
	}
	return b.String()
}

func TestWalk(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"terragrunt.hcl":                                 "",
		"app/web/terragrunt.hcl":                         "",
		"app/web/main.tf":                                "",
		"app-x/terragrunt.hcl.json":                      "{}",
		"app/.hid/job/terragrunt.hcl":                    "",
		"net/terragrunt.stack.hcl":                       "",
		"net/.terragrunt-stack/vpc/terragrunt.hcl":       "",
		"named/special.hcl":                              "",
		"both/special.hcl":                               "",
		"both/terragrunt.hcl":                            "",
		".git/c/terragrunt.hcl":                          "",
		"app/.terraform/modules/m/terragrunt.hcl":        "",
		"app/.terragrunt-cache/x/terragrunt.hcl":         "",
		"data/tfdata/x/terragrunt.hcl":                   "",
		"build/tfdata/x/terragrunt.hcl":                  "",
		"downloads/x/terragrunt.hcl":                     "",
		"plain/readme.md":                                "",
		"odd/terragrunt.hcl/inner/not-a-unit/readme.txt": "",
	}
	root := tree(t, files)
	usual := `unit app-x/terragrunt.hcl.json
unit app/web/terragrunt.hcl
unit both/terragrunt.hcl
`
	tests := []struct {
		name    string
		options DiscoverOptions
		want    string
	}{
		{"defaults", DiscoverOptions{Parallelism: 1}, `unit terragrunt.hcl
unit app-x/terragrunt.hcl.json
unit app/.hid/job/terragrunt.hcl
unit app/web/terragrunt.hcl
unit both/terragrunt.hcl
unit build/tfdata/x/terragrunt.hcl
unit data/tfdata/x/terragrunt.hcl
unit downloads/x/terragrunt.hcl
stack net/terragrunt.stack.hcl
unit net/.terragrunt-stack/vpc/terragrunt.hcl
`},
		{"no hidden, skipped by name", DiscoverOptions{NoHidden: true, SkipDirs: []string{"tfdata"}, DownloadDir: filepath.Join(root, "downloads")},
			"unit terragrunt.hcl\n" + usual + "stack net/terragrunt.stack.hcl\n"},
		{"skipped by ending", DiscoverOptions{NoHidden: true, SkipDirs: []string{filepath.Join("data", "tfdata"), "."}, DownloadDir: filepath.Join(root, "downloads")},
			"unit terragrunt.hcl\n" + usual + "unit build/tfdata/x/terragrunt.hcl\nstack net/terragrunt.stack.hcl\n"},
		{"chosen name wins", DiscoverOptions{NoHidden: true, SkipDirs: []string{"tfdata", "downloads"}, ConfigNames: []string{"special.hcl"}},
			"unit terragrunt.hcl\n" + strings.Replace(usual, "both/terragrunt.hcl", "both/special.hcl", 1) + "unit named/special.hcl\nstack net/terragrunt.stack.hcl\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Walk(context.Background(), root, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if got := listing(t, root, got); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// A directory that is skipped below another root can be a root itself.
func TestWalkSkippedRoot(t *testing.T) {
	t.Parallel()
	root := filepath.Join(tree(t, map[string]string{".terragrunt-cache/a/terragrunt.hcl": ""}), ".terragrunt-cache")
	got, err := Walk(context.Background(), root, DiscoverOptions{NoHidden: true, DownloadDir: root})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := listing(t, root, got), "unit a/terragrunt.hcl\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWalkConflicts(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"b/terragrunt.hcl":       "",
		"b/terragrunt.stack.hcl": "",
		"a/terragrunt.hcl":       "",
		"a/terragrunt.hcl.json":  "{}",
		"c/terragrunt.hcl":       "",
		"d/my.hcl":               "",
		"d/terragrunt.hcl":       "",
		"d/terragrunt.hcl.json":  "{}",
	})
	got, err := Walk(context.Background(), root, DiscoverOptions{ConfigNames: []string{"my.hcl"}})
	if got, want := listing(t, root, got), "unit c/terragrunt.hcl\nunit d/my.hcl\n"; got != want {
		t.Errorf("found %q, want %q", got, want)
	}
	want := filepath.Join(root, "a") + ": terragrunt.hcl and terragrunt.hcl.json: only one of these files may be in a directory\n" +
		filepath.Join(root, "b") + ": terragrunt.hcl and terragrunt.stack.hcl: only one of these files may be in a directory"
	if err == nil || err.Error() != want {
		t.Errorf("got error\n%v\nwant\n%s", err, want)
	}
	var conflict *ConflictError
	if !errors.As(err, &conflict) || conflict.Dir != filepath.Join(root, "a") {
		t.Errorf("no ConflictError for a in %#v", err)
	}
}

func TestWalkErrors(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"a/terragrunt.hcl": "", "file": ""})
	for _, follow := range []bool{false, true} {
		o := DiscoverOptions{FollowSymlinks: follow}
		if _, err := Walk(context.Background(), filepath.Join(root, "missing"), o); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("missing root, follow %v: %v", follow, err)
		}
		if _, err := Walk(context.Background(), filepath.Join(root, "file"), o); err == nil {
			t.Errorf("root that is a file, follow %v: no error", follow)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Walk(ctx, root, DiscoverOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestWalkUnreadable(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("everything is readable here")
	}
	root := tree(t, map[string]string{"a/terragrunt.hcl": "", "shut/x/terragrunt.hcl": ""})
	shut := filepath.Join(root, "shut")
	if err := os.Chmod(shut, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(shut, 0o755)
	got, err := Walk(context.Background(), root, DiscoverOptions{})
	if !errors.Is(err, fs.ErrPermission) || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestWalkLinks(t *testing.T) {
	t.Parallel()
	base := tree(t, map[string]string{
		"elsewhere/terragrunt.hcl": "",
		"elsewhere/up->":           "..", // leads to where the walk came from
		"live/a/terragrunt.hcl":    "",   //
		"live/linked->":            "../elsewhere",
		"live/self->":              ".",
		"live/x/to-y->":            "../y",
		"live/y/to-x->":            "../x",
		"live/x/terragrunt.hcl":    "",
		"live/broken->":            "nowhere",
		"live/.git->":              "../elsewhere",
		"live/f/terragrunt.hcl->":  "../a/terragrunt.hcl", // a linked file counts always
		"live/g/terragrunt.hcl->":  "nowhere",             // reading it will say what is wrong
		"live/h/terragrunt.hcl->":  "../a",                // a directory under this name is no unit
	})
	root := filepath.Join(base, "live")
	tests := []struct {
		follow bool
		want   string
	}{
		{false, "a f g x"},
		{true, "a f g h/terragrunt.hcl linked x y/to-x"},
	}
	for _, tt := range tests {
		for _, workers := range []int{1, 8} {
			got, err := Walk(context.Background(), root, DiscoverOptions{FollowSymlinks: tt.follow, Parallelism: workers})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, c := range got {
				rel, err := filepath.Rel(root, c.Dir)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, filepath.ToSlash(rel))
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("follow %v with %d workers: got %s, want %s", tt.follow, workers, got, tt.want)
			}
		}
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	sep := string(filepath.Separator)
	tests := []struct {
		path, dir string
		want      bool
	}{
		{"/a/b", "/a", true},
		{"/a", "/a", true},
		{"/ab", "/a", false},
		{"/a", "/a/b", false},
		{"/a", "/", true},
	}
	for _, tt := range tests {
		path, dir := strings.ReplaceAll(tt.path, "/", sep), strings.ReplaceAll(tt.dir, "/", sep)
		if got := within(path, dir); got != tt.want {
			t.Errorf("within(%q, %q) = %v", path, dir, got)
		}
	}
}
