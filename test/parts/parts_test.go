package parts

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Each part that is installed starts, answers, and leaves nothing behind.
func TestE2EParts(t *testing.T) {
	t.Parallel()
	for _, part := range []string{MinIO, Versitygw, Dynalite, FakeGCS, Postgres, Azurite} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			s, skip, err := StartForTest(part)
			if skip != nil {
				t.Skip(skip)
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := net.Dial("tcp", s.Addr)
			if err != nil {
				t.Errorf("started, but: %v", err)
			} else {
				_ = c.Close()
			}
			if len(s.Env) == 0 {
				t.Error("no variables point at it")
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if c, err := net.Dial("tcp", s.Addr); err == nil {
				_ = c.Close()
				t.Errorf("%s still listens at %s", part, s.Addr)
			}
		})
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	if _, err := Start("no-such-part"); err == nil {
		t.Error("a part that nobody knows was started")
	}
	b, err := newBox("broken")
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.run(nil, "sh", "-c", "echo broken; exit 3")
	if err != nil {
		t.Skip(err) // no sh
	}
	if err := p.until(func() error { return errors.New("not yet") }); err == nil || b.log() != "\nbroken\n" {
		t.Errorf("got %v and the log %q", err, b.log())
	}
	if err := b.close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(b.dir); !os.IsNotExist(err) {
		t.Errorf("left behind: %s", b.dir)
	}
}

func TestFind(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := Find("no-such-program")
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Part != "no-such-program" {
		t.Errorf("got %v", err)
	}
	if dirs := Dirs(); len(dirs) != 2 || filepath.Base(filepath.Dir(dirs[0])) != ".tools" {
		t.Errorf("looked in %q", dirs)
	}
}

func TestRequired(t *testing.T) {
	t.Setenv("TERRACE_E2E", "minio  git")
	if !Required("git") || Required("mini") {
		t.Error("the list was read wrongly")
	}
}

func TestNotAsked(t *testing.T) {
	t.Setenv("TERRACE_E2E", "")
	var unasked *NotAskedError
	if s, skip, err := StartForTest(MinIO); s != nil || err != nil || !errors.As(skip, &unasked) {
		t.Errorf("got %v, %v, %v", s, skip, err)
	}
}
