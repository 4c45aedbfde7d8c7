package source

import (
	"io/fs"
	"testing"
	"time"
)

func TestRemoteVersion(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                "2jmj7l5rSw0yVb_vlWAYkK_YBwk",
		"?ref=v1":         "vN4PpUkEyKNU3wFbbsRUcBD8YLI",
		"?ref=v1&depth=1": "sLznP96TG6NV7h8vEAUf8mOGhK4",
	} {
		a, err := Parse("git::https://h/r.git"+query, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if got := (Request{Address: a}).remoteVersion(); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
}

type fixedTime struct {
	fs.FileInfo
	when time.Time
}

func (f fixedTime) ModTime() time.Time { return f.when }

func at(micros int64) func() (fs.FileInfo, error) {
	return func() (fs.FileInfo, error) { return fixedTime{when: time.UnixMicro(micros)}, nil }
}

// The sum was made with sha256sum over
// /m/a.tf:1700000000000001/m/b/c.tf:1700000000000002
func TestLocalVersion(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	f := &folder{items: []item{
		{name: ".terraform.lock.hcl", stat: at(5)},
		{name: "a.tf", stat: at(1700000000000001)},
		{name: "b", dir: &folder{items: []item{{name: "c.tf", stat: at(1700000000000002)}}}},
	}}
	got, err := localVersion("/m", f)
	if want := "9493cb45f430768c24be4dab71edb4b42d4532bc0d379f6c39e871f01c970b25"; err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
}
