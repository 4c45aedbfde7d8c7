package source

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func skipWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("paths and modes of this test are those of Unix")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	tests := []struct{ raw, root, sub string }{
		{"", "file:///live/app", ""},
		{".", "file:///live/app", ""},
		{"../mods//net", "file:///live/mods", "net"},
		{"../..//modules/x/", "file:///", "modules/x"},
		{"/abs/../srv/mods//a/b", "file:///srv/mods", "a/b"},
		{"/a b/100%", "file:///a%20b/100%25", ""},
		{"file:///w/./mods//net", "file:///w/mods", "net"},
		{"file::/w/mods", "file:///w/mods", ""},
		{"./a//b/../c", "file:///live/app/a", "c"},
		{"git::file:///srv/repo//net?ref=v1", "git::file:///srv/repo?ref=v1", "net"},
		{"git::../repo?ref=v1", "git::file:///live/repo?ref=v1", ""},
		{"github.com/o/r", "git::https://github.com/o/r.git", ""},
		{"github.com/o/r.git//sub/dir?ref=v1", "git::https://github.com/o/r.git?ref=v1", "sub/dir"},
		{"github.com/o/r/deep//sub", "git::https://github.com/o/r.git", "deep/sub"},
		{"https://github.com/o/r//sub?ref=v1", "git::https://github.com/o/r.git?ref=v1", "sub"},
		{"https://github.com/o/r/archive/v1.tar.gz//r-1", "https://github.com/o/r/archive/v1.tar.gz", "r-1"},
		{"https://github.com/o/r/zipball/v1?archive=zip", "https://github.com/o/r/zipball/v1?archive=zip", ""},
		{"gitlab.com/g/r", "git::https://gitlab.com/g/r.git", ""},
		{"gitlab.com/g/sub/r.git//m", "git::https://gitlab.com/g/sub/r.git", "m"},
		{"bitbucket.org/o/r?ref=main", "git::https://bitbucket.org/o/r.git?ref=main", ""},
		{"git@github.com:o/r.git//sub?ref=v1", "git::ssh://git@github.com/o/r.git?ref=v1", "sub"},
		{"git::git@host:o/r.git", "git::ssh://git@host/o/r.git", ""},
		{"git::ssh://git@host:22/o/r.git//a", "git::ssh://git@host:22/o/r.git", "a"},
		{"ssh://git@host/o/r.git", "git::ssh://git@host/o/r.git", ""},
		{"hg::https://host/repo?rev=1", "hg::https://host/repo?rev=1", ""},
		{"https://host/m.zip//sub?x=1", "https://host/m.zip?x=1", "sub"},
		{"https://host/m?next=a//b", "https://host/m?next=a//b", ""},
		{"s3::https://s3.amazonaws.com/b/k.zip", "s3::https://s3.amazonaws.com/b/k.zip", ""},
		{"bucket.s3.amazonaws.com/k.zip", "s3::https://s3.amazonaws.com/bucket/k.zip", ""},
		{"bucket.s3-eu-west-1.amazonaws.com/k.zip", "s3::https://s3-eu-west-1.amazonaws.com/bucket/k.zip", ""},
		{"my.bucket.s3.eu-west-1.amazonaws.com/k.zip?version=1", "s3::https://s3.eu-west-1.amazonaws.com/my.bucket/k.zip?version=1", ""},
		{"https://s3.amazonaws.com/b/k", "s3::https://s3.amazonaws.com/b/k", ""},
		{"https://www.googleapis.com/storage/v1/b/k", "gcs::https://www.googleapis.com/storage/v1/b/k", ""},
		{"tfr:///ns/name/aws//sub?version=1.0.0", "tfr:///ns/name/aws?version=1.0.0", "sub"},
		{"oci://reg/repo//sub?tag=1", "oci://reg/repo?tag=1", "sub"},
		{"smb://host/share", "smb://host/share", ""},
		{"git::codecommit::us-east-1://repo//a", "git::codecommit::us-east-1://repo", "a"},
	}
	for _, tt := range tests {
		a, err := Parse(tt.raw, "/live/app")
		if err != nil {
			t.Errorf("%s: %v", tt.raw, err)
			continue
		}
		if a.Root() != tt.root || a.Subdir() != tt.sub {
			t.Errorf("%s: got %q // %q, want %q // %q", tt.raw, a.Root(), a.Subdir(), tt.root, tt.sub)
		}
	}
}

func TestParseKind(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"/x": "file", "git::/x": "git", "github.com/o/r": "git", "https://h/x.zip": "https",
		"tfr:///a/b/c": "tfr", "bucket.s3.amazonaws.com/k": "s3",
	} {
		a, err := Parse(raw, t.TempDir())
		if err != nil || a.Kind() != want {
			t.Errorf("%s: kind %q, %v; want %q", raw, a.Kind(), err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"../mods//../../etc":              "leaves the source",
		"git::https://h/r//..":            "leaves the source",
		"github.com/only":                 "HOST/OWNER/REPOSITORY",
		"file://relative/path":            "absolute path",
		"tfr:///a/b":                      "expected tfr://HOST/NAMESPACE/NAME/PROVIDER",
		"tfr://h/a/b/c/d":                 "expected tfr://HOST/NAMESPACE/NAME/PROVIDER",
		"tfr:///a/b/c?version=~> 4.0":     "accepts an exact version only",
		"tfr:///a/b/c?version=%3E%3D1":    "accepts an exact version only",
		"https://me:hunter2@h:x/r":        "not a valid URL",
		"https://me:hun/ter2@h:x/r?a=b":   "not a valid URL",
		"git::https://me:hunter2@h/%zz/r": "not a valid URL",
	} {
		_, err := Parse(raw, t.TempDir())
		var typed *AddressError
		if !errors.As(err, &typed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an AddressError with %q", raw, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "ter2") {
			t.Errorf("%s: the password is in the error: %v", raw, err)
		}
	}
	if _, err := Parse("x", "relative"); err == nil {
		t.Error("a relative base was accepted")
	}
}

func TestParseFromLinkedFolder(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	dir := realTempDir(t)
	write(t, filepath.Join(dir, "a", "unit", "x"), "")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "a", "unit"), link); err != nil {
		t.Fatal(err)
	}
	a, err := Parse("../mods", link)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := a.LocalPath(); got != filepath.Join(dir, "a", "mods") {
		t.Errorf("got %s", got)
	}
}

func TestStringMasks(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, want string }{
		{"git::https://me:hunter2@h/r.git//sub?ref=v1", "git::https://me:xxxxx@h/r.git//sub?ref=v1"},
		{"git::https://ghp_hunter2@h/r.git", "git::https://xxxxx@h/r.git"},
		{"git::ssh://git@h/r.git//a", "git::ssh://git@h/r.git//a"},
		{"git::ssh://git@h/r.git?ref=v1&sshkey=hunter2", "git::ssh://git@h/r.git?ref=v1&sshkey=xxxxx"},
		{"s3::https://s3.amazonaws.com/b/k?aws_access_key_secret=hunter2", "s3::https://s3.amazonaws.com/b/k?aws_access_key_secret=xxxxx"},
	}
	for _, tt := range tests {
		a, err := Parse(tt.raw, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if a.String() != tt.want {
			t.Errorf("%s: shown as %s, want %s", tt.raw, a, tt.want)
		}
		if !strings.Contains(tt.raw, "hunter2") {
			continue
		}
		secret := "hunter2"
		if strings.Contains(tt.raw, "ghp_") {
			secret = "ghp_hunter2"
		}
		inner := scrubError(errors.New("no "+secret+" here"), secrets(a))
		if err := (&FetchError{Address: a.String(), Err: inner}); strings.Contains(err.Error(), "hunter2") {
			t.Errorf("secret in %v", err)
		}
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	tests := []struct{ raw, s, sub string }{
		{"git::file:///srv/repo//net?ref=v1", "kKCBzGiRIcs7S0nuZH9TR2Sup-8", "net"},
		{"git::file:///srv/repo?ref=v2", "kKCBzGiRIcs7S0nuZH9TR2Sup-8", ""},
		{"/srv/repo", "Y2oHUbFeQSpzSg3HW3HsYxLSWgw", ""},
		{"file:///srv/repo//a/b", "Y2oHUbFeQSpzSg3HW3HsYxLSWgw", "a/b"},
		{"github.com/o/r", "sBFk3-t4Xv_8cVmD-CFLU4FQWao", ""},
	}
	for _, tt := range tests {
		a, err := Parse(tt.raw, "/live/app")
		if err != nil {
			t.Fatal(err)
		}
		l := NewLayout("/cache", "/live/app", a)
		root := filepath.Join("/cache", "lYuhqjvYs-IaKeQF1mqYSY2LPws", tt.s)
		if l.Root != root || l.WorkDir != filepath.Join(root, tt.sub) {
			t.Errorf("%s: %+v", tt.raw, l)
		}
	}
}
