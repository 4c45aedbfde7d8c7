//go:build linux

package test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// filling is a module whose apply leaves no room on the disk that it is on.
const filling = `resource "terraform_data" "big" {
  input = join("", [for i in range(1000) : "a line of the state that takes some room ${i};"])
  provisioner "local-exec" { command = "cat /dev/zero >$MARKS/live/filler 2>/dev/null; true" }
}
`

// TestDiskFull: the disk is full when the binary wants to save its state, and so
// it can write no errored.tfstate either. The state that it prints instead
// arrives whole; terrace says where things stand, keeps the unit from being
// applied unawares, and what was printed can be pushed.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("a small disk of its own can only be mounted by root; TestNoRoom tests what terrace itself writes")
	}
	s := newStage(t, "-- live/none --\n")
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", s.path("live")).CombinedOutput(); err != nil {
		t.Skipf("no tmpfs can be mounted here: %v %s", err, out)
	}
	t.Cleanup(func() {
		if err := exec.Command("umount", s.path("live")).Run(); err != nil {
			t.Error(err)
		}
	})
	if err := os.Mkdir(s.path("live/a"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"live/a/terragrunt.hcl": "", "live/a/main.tf": filling} {
		if err := os.WriteFile(s.path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := s.start("apply", "-auto-approve", "--working-dir", "a")
	c.end(false, "no space left on device", "is not a whole state: the disk was full, perhaps", "terrace rescue")
	said := c.said()
	_, dump, found := strings.Cut(said, "\n{\n")
	dump, _, whole := strings.Cut(dump, "\n}\n")
	if !found || !whole {
		t.Fatalf("no state was printed:\n%s", said)
	}
	if err := os.Remove(s.path("live/filler")); err != nil {
		t.Fatal(err)
	}
	s.start("plan", "--working-dir", "a").end(true, "An earlier run has left a state", "Run terrace rescue")
	s.start("rescue", "--working-dir", "a").end(false, "is not a whole state")
	left := s.states()
	if len(left) != 1 {
		t.Fatalf("left: %v", left)
	}
	if err := os.WriteFile(left[0], []byte("{\n"+dump+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start("rescue", "--working-dir", "a").end(true, "the backend has the state now")
	s.start("state", "list", "--working-dir", "a").end(true, "terraform_data.big")
	s.start("rescue", "--working-dir", "a").end(true, "No unsaved states")
}
