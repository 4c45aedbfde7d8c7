package sops

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The files in testdata were encrypted by sops 3.13.3, those in testdata/plain
// are what it made of them again.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// keysWith has the identities of testdata and nothing of the machine's.
func keysWith(t *testing.T, names ...string) *Keys {
	var text strings.Builder
	for _, name := range names {
		text.WriteString(read(t, name) + "\n")
	}
	return &Keys{Env: []string{"SOPS_AGE_KEY=" + text.String(), "HOME=" + t.TempDir()}}
}

func TestDecrypt(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(filepath.Join("testdata", "plain"))
	if err != nil || len(entries) < 12 {
		t.Fatal(len(entries), err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			got, err := keysWith(t, "one.age", "two.age").Decrypt(context.Background(), e.Name(), []byte(read(t, e.Name())))
			if err != nil {
				t.Fatal(err)
			}
			if want := read(t, "plain/"+e.Name()); string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDecryptFails(t *testing.T) {
	t.Parallel()
	one := read(t, "one.age")
	regex := read(t, "regex.yaml")
	swap := func(text, a, b string) string {
		first, second := regexp.MustCompile(a).FindString(text), regexp.MustCompile(b).FindString(text)
		if first == "" || second == "" || first == second {
			t.Fatalf("%q and %q", first, second)
		}
		return strings.NewReplacer(first, second, second, first).Replace(text)
	}
	for name, c := range map[string]struct {
		path, text, key string
		want            string
	}{
		"plain YAML":       {"a.yaml", "a: b\n", one, "the file is not encrypted with sops"},
		"plain JSON":       {"a.json", `{"a": 1}`, one, "the file is not encrypted with sops"},
		"plain dotenv":     {"a.env", "A=b\n", one, "the file is not encrypted with sops"},
		"plain INI":        {"a.ini", "[a]\nb = c\n", one, "the file is not encrypted with sops"},
		"plain text":       {"a.txt", "hello", one, "the file is not encrypted with sops"},
		"empty":            {"a.yaml", "", one, "the file is not encrypted with sops"},
		"a list":           {"a.yaml", "- a\n", one, "not a mapping"},
		"broken":           {"a.yaml", "a: [", one, "not YAML"},
		"a scalar":         {"a.yaml", "s3cret\n", one, "not a mapping"},
		"a broken INI":     {"a.ini", "[a]\ns3cret\n", one, "not INI"},
		"a broken dotenv":  {"a.env", "s3cret\n", one, "not dotenv"},
		"a broken JSON":    {"a.json", "s3cret\n", one, "not JSON"},
		"bytes":            {"types.yaml", strings.Replace(read(t, "types.yaml"), "type:int]", "type:bytes]", 1), one, "malformed"},
		"sops is a string": {"a.yaml", "sops: none\n", one, "the file is not encrypted with sops"},
		"another key":      {"regex.yaml", regex, read(t, "two.age"), "none of its keys could be used:\n  age age1"},
		"no key":           {"regex.yaml", regex, "", "there is no identity: set SOPS_AGE_KEY or SOPS_AGE_KEY_FILE"},
		"no identity":      {"regex.yaml", regex, "s3cret", "SOPS_AGE_KEY: line 1 is no age identity"},
		"a value changed":  {"regex.yaml", strings.Replace(regex, "kind: Secret", "kind: Public", 1), one, "was changed after it was encrypted"},
		"values exchanged": {"types.yaml", swap(read(t, "types.yaml"), `(?m)ENC.*type:int.*$`, `(?m)ENC.*type:float.*$`), one, "cannot be decrypted: it was changed, moved"},
		"a value taken out": {"regex.yaml", regexp.MustCompile(`(?m)^    name: .*\n`).ReplaceAllString(regex, "    name: null\n"), one,
			"was changed after it was encrypted"},
		"a plain value":     {"regex.yaml", regexp.MustCompile(`token: ENC.*`).ReplaceAllString(regex, "token: s3cret"), one, "data.token: the value is not encrypted"},
		"a number in plain": {"regex.yaml", regexp.MustCompile(`token: ENC.*`).ReplaceAllString(regex, "token: 12"), one, "a number, a boolean or a time in it is not encrypted"},
		"no MAC":            {"regex.yaml", regexp.MustCompile(`mac: ENC.*`).ReplaceAllString(regex, "mac: ''"), one, "was changed after it was encrypted"},
		"two rules":         {"regex.yaml", strings.Replace(regex, "encrypted_regex:", "encrypted_suffix: x\n    encrypted_regex:", 1), one, "the sops metadata is malformed: Cannot use more than one of"},
		"a bad expression":  {"regex.yaml", regexp.MustCompile(`encrypted_regex: .*`).ReplaceAllString(regex, "encrypted_regex: '('"), one, "malformed"},
		"no time":           {"regex.yaml", regexp.MustCompile(`lastmodified: .*`).ReplaceAllString(regex, "lastmodified: x"), one, "the sops metadata is malformed: parsing time"},
		"too few parts":     {"shamir.yaml", read(t, "shamir.yaml"), one, "none of its keys"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &Keys{Env: []string{"SOPS_AGE_KEY=" + c.key, "HOME=" + t.TempDir()}}
			got, err := k.Decrypt(context.Background(), c.path, []byte(c.text))
			if err == nil {
				t.Fatalf("got %s", got)
			}
			if !strings.HasPrefix(err.Error(), "decrypting "+c.path+": ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "AGE-SECRET") {
				t.Errorf("the error tells: %v", err)
			}
		})
	}
}

// No input may panic, and nothing that is not authentic may come out.
func FuzzDecrypt(f *testing.F) {
	for _, name := range []string{"types.yaml", "types.json", "vars.env", "conf.ini", "note.txt", "shamir.yaml", "comments.yaml"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, b)
	}
	key, err := os.ReadFile(filepath.Join("testdata", "one.age"))
	if err != nil {
		f.Fatal(err)
	}
	k := &Keys{Env: []string{"SOPS_AGE_KEY=" + string(key)}, Run: func(context.Context, Command) ([]byte, error) { return nil, errors.New("no program") }}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if strings.Contains(string(data), "arn:") || strings.Contains(string(data), "vault_address") {
			t.Skip("would ask a service")
		}
		_, _ = k.Decrypt(context.Background(), name, data)
	})
}
