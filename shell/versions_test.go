package shell

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		bin, in string
		want    Version
	}{
		"terraform":  {"terraform", "Terraform v1.11.4\non linux_amd64\n", Version{"Terraform", "1.11.4"}},
		"opentofu":   {"x", "OpenTofu v1.12.6\non linux_amd64\n+ provider registry/x v1.0.0\n", Version{"OpenTofu", "1.12.6"}},
		"prerelease": {"x", "Terraform v1.13.0-beta2\n", Version{"Terraform", "1.13.0-beta2"}},
		"windows":    {"x", "Terraform v1.5.7\r\non windows_amd64\r\n", Version{"Terraform", "1.5.7"}},
		"talkative":  {"x", "switching to 1.6\nTerraform is fine\nOpenTofu v1.6.0\n", Version{"OpenTofu", "1.6.0"}},
		"json":       {"terraform", `{"terraform_version": "1.11.4", "platform": "linux_amd64"}`, Version{"Terraform", "1.11.4"}},
		"tofu json":  {"/opt/tofu-1.8", "note\n{\n\"terraform_version\":\"1.8.0\"}", Version{"OpenTofu", "1.8.0"}},
		"other json": {"terraform", `{"version": 1}`, Version{}},
		"word":       {"terraform", "Terraform version", Version{}},
		"nothing":    {"terraform", "", Version{}},
	}
	for name, test := range tests {
		got, ok := parseVersion(test.bin, []byte(test.in))
		if got != test.want || ok != (test.want != Version{}) {
			t.Errorf("%s: got %+v, %v", name, got, ok)
		}
	}
}

// bigBinary makes a file that counts as the wrapped binary and takes no space.
func bigBinary(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, launcherSize); err != nil {
		t.Fatal(err)
	}
	return path
}

func ask(t *testing.T, v *Versions, bin, dir string) Version {
	t.Helper()
	got, err := v.Version(t.Context(), bin, os.Environ(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestVersionIsAskedOnce(t *testing.T) {
	t.Parallel()
	bin, dir := bigBinary(t, "terraform.exe"), t.TempDir()
	cache := filepath.Join(t.TempDir(), "sub", "versions.json")
	rec := says("Terraform v1.11.4\n")
	v := NewVersions(rec, cache)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			got, err := v.Version(t.Context(), bin, []string{"TF_CLI_ARGS=x", "TF_CLI_ARGS_plan=y", "KEEP=z"}, dir)
			if want := (Version{"Terraform", "1.11.4"}); got != want || err != nil {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	wg.Wait()
	if want := []string{bin + " -version"}; !slices.Equal(rec.words(), want) {
		t.Fatalf("ran %q", rec.words())
	}
	if c := rec.ran[0]; c.Dir != dir || !slices.Equal(c.Env, []string{"KEEP=z", "CHECKPOINT_DISABLE=1"}) {
		t.Errorf("asked with %+v", c)
	}

	ask(t, NewVersions(rec, cache), bin, t.TempDir())
	if len(rec.ran) != 1 {
		t.Error("a later process asked again")
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(bin, later, later); err != nil {
		t.Fatal(err)
	}
	ask(t, NewVersions(rec, cache), bin, dir)
	ask(t, v, bin, dir)
	if len(rec.ran) != 2 {
		t.Errorf("a changed binary was asked %d times", len(rec.ran)-1)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(cache), "*")); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}

func TestVersionFileIsOnlyACache(t *testing.T) {
	t.Parallel()
	bin, dir := bigBinary(t, "tofu.exe"), t.TempDir()
	file := filepath.Join(dir, "file")
	for name, content := range map[string]string{
		"garbage": "{{{", "null": "null", "array": "[]", "empty": "",
		"wrong shape": `{"x": 1}`, "no number": fmt.Sprintf(`{%q: {}}`, bin),
	} {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		rec := says("OpenTofu v1.12.6\n")
		ask(t, NewVersions(rec, file), bin, dir)
		if ask(t, NewVersions(rec, file), bin, dir) != (Version{"OpenTofu", "1.12.6"}) || len(rec.ran) != 1 {
			t.Errorf("%s: asked %d times", name, len(rec.ran))
		}
	}
	for name, path := range map[string]string{
		"none": "", "a folder": dir, "below a file": filepath.Join(file, "x", "y"),
	} {
		rec := says("OpenTofu v1.12.6\n")
		ask(t, NewVersions(rec, path), bin, dir)
		ask(t, NewVersions(rec, path), bin, dir)
		if len(rec.ran) != 2 {
			t.Errorf("%s: asked %d times", name, len(rec.ran))
		}
	}
}

func TestVersionFileForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "v.json")
	one, two := bigBinary(t, "tofu.exe"), bigBinary(t, "tofu.exe")
	v := NewVersions(says("OpenTofu v1.12.6\n"), file)
	ask(t, v, one, "")
	if err := os.Remove(one); err != nil {
		t.Fatal(err)
	}
	ask(t, v, two, "")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(b, &entries); err != nil || len(entries) != 1 || entries[two] == nil {
		t.Errorf("holds %s", b)
	}
}

func TestConcurrentVersionFiles(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "v.json")
	var wg sync.WaitGroup
	for range 8 {
		bin := bigBinary(t, "tofu.exe")
		wg.Go(func() {
			v := NewVersions(says("OpenTofu v1.12.6\n"), file)
			if _, err := v.Version(t.Context(), bin, nil, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b, err := os.ReadFile(file)
	if err != nil || !json.Valid(b) {
		t.Errorf("holds %q, %v", b, err)
	}
}

func TestLaunchersAreAskedAnew(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	launcher := filepath.Join(root, "terraform.exe")
	if err := os.WriteFile(launcher, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	a, b := filepath.Join(root, "a"), filepath.Join(root, "b")
	for _, dir := range []string{a, b} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	rec := says("Terraform v1.11.4\n")
	v := NewVersions(rec, filepath.Join(root, "v.json"))
	asked := func(what string, want int) {
		t.Helper()
		if len(rec.ran) != want {
			t.Errorf("%s: asked %d times, want %d", what, len(rec.ran), want)
		}
	}
	ask(t, v, launcher, a)
	ask(t, v, launcher, a)
	asked("same folder", 1)
	ask(t, v, launcher, b)
	asked("other folder", 2)
	if err := os.WriteFile(filepath.Join(root, ".terraform-version"), []byte("1.11.4"), 0o644); err != nil {
		t.Fatal(err)
	}
	ask(t, v, launcher, a)
	ask(t, v, launcher, b)
	asked("one file above both", 3)
	env := append(os.Environ(), "TFENV_TERRAFORM_VERSION=1.2.3")
	if _, err := v.Version(t.Context(), launcher, env, a); err != nil {
		t.Fatal(err)
	}
	asked("chosen by variable", 4)
	ask(t, NewVersions(rec, filepath.Join(root, "v.json")), launcher, a)
	asked("later process", 5)
}

func TestRelated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path, resolved string
		want           bool
	}{
		{"/usr/bin/terraform", "/usr/bin/terraform", true},
		{"/usr/bin/terraform", "/opt/terraform_1.5.7", true},
		{"/usr/bin/tf", "/opt/OpenTofu.exe", true},
		{"/opt/mytf", "/opt/mytf", true},
		{"/shims/terraform", "/usr/bin/mise", false},
	}
	for _, test := range tests {
		if got := related(filepath.FromSlash(test.path), filepath.FromSlash(test.resolved)); got != test.want {
			t.Errorf("%s -> %s: got %v", test.path, test.resolved, got)
		}
	}
}

func TestVersionFallsBack(t *testing.T) {
	t.Parallel()
	bin := bigBinary(t, "terraform.exe")
	rec := &recorder{answer: func(c Cmd) (string, error) {
		if c.Args[0] == "-version" {
			return "", &ExitError{Path: c.Path, Code: 1}
		}
		return `{"terraform_version":"1.0.0"}`, nil
	}}
	if got := ask(t, NewVersions(rec, ""), bin, ""); got.Number != "1.0.0" {
		t.Errorf("got %+v", got)
	}
	if want := []string{bin + " -version", bin + " version -json"}; !slices.Equal(rec.words(), want) {
		t.Errorf("ran %q", rec.words())
	}
}

func TestVersionErrors(t *testing.T) {
	t.Parallel()
	bin := bigBinary(t, "terraform.exe")
	mute := says("hello")
	v := NewVersions(mute, "")
	_, err := v.Version(t.Context(), bin, nil, "")
	var none *VersionError
	if !errors.As(err, &none) || !strings.HasPrefix(err.Error(), "terraform.exe: version: ") {
		t.Errorf("got %v", err)
	}
	mute.answer = func(Cmd) (string, error) { return "Terraform v1.0.0\n", nil }
	if got := ask(t, v, bin, ""); got.Number != "1.0.0" {
		t.Error("a failure was remembered")
	}

	refusing := &recorder{answer: func(Cmd) (string, error) { return "", ErrInterrupted }}
	if _, err := NewVersions(refusing, "").Version(t.Context(), bin, nil, ""); !errors.Is(err, ErrInterrupted) || len(refusing.ran) != 1 {
		t.Errorf("got %v after %q", err, refusing.words())
	}
	var start *StartError
	if _, err := v.Version(t.Context(), "no-such-binary", nil, ""); !errors.As(err, &start) {
		t.Errorf("got %v", err)
	}
}

func TestRealBinary(t *testing.T) {
	t.Parallel()
	name, err := FindBinary(os.Environ())
	if err != nil {
		t.Skip(err)
	}
	got := ask(t, NewVersions(NewProcess(nil), ""), name, t.TempDir())
	if got.Name != "Terraform" && got.Name != "OpenTofu" || strings.Count(got.Number, ".") < 2 {
		t.Errorf("got %+v", got)
	}
}
