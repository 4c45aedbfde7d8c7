//go:build unix

package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// chatty is a module whose apply goes on when it is told to, and then says more
// than fits into a pipe.
const chatty = `variable "name" {}
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "echo $PPID > $MARKS/pid-${var.name}; touch $MARKS/started-${var.name}; while [ ! -e $MARKS/go ]; do sleep 0.05; done; i=0; while [ $i -lt 3000 ]; do echo a line of the provisioner that is long enough to fill a pipe, number $i; i=$((i+1)); done"
  }
}
`

// named gives such a module its name.
const named = "inputs = { name = basename(get_terragrunt_dir()) }\n"

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(have, text...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// localState reads the state file of a unit without a backend block.
func (s *stage) localState(unit string) (resources int) {
	s.t.Helper()
	found, err := filepath.Glob(s.path("live/" + unit + "/.terragrunt-cache/*/*/terraform.tfstate"))
	if err != nil || len(found) != 1 {
		return -1
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		return -1
	}
	var state struct {
		Resources []any `json:"resources"`
	}
	if json.Unmarshal(text, &state) != nil {
		return -1 // half written
	}
	return len(state.Resources)
}

// TestTerraceKilledInQueue: terrace is killed with -9 during run --all. The
// binaries' output goes nowhere then; each ends its apply, saves its state and
// releases its lock all the same. The unit that was not started yet is not.
func TestTerraceKilledInQueue(t *testing.T) {
	t.Parallel()
	server := newStateServer(t)
	s := newStage(t, "-- live/a/terragrunt.hcl --\n"+named+"-- live/a/main.tf --\n"+chatty+server.unit("b", chatty)+
		"-- live/c/terragrunt.hcl --\ndependencies {\n  paths = [\"../a\"]\n}\n"+named+"-- live/c/main.tf --\n"+chatty)
	t.Cleanup(func() { s.touch("go") })
	appendTo(t, s.path("live/b/terragrunt.hcl"), named)
	c := s.start("run", "--all", "--non-interactive", "apply")
	c.until("both applies", func() bool { return s.exists("started-a") && s.exists("started-b") })
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	for _, unit := range []string{"a", "b"} {
		s.start("plan", "--working-dir", unit).end(false, "The state is locked by", "for apply since", "terrace force-unlock")
	}
	s.touch("go")
	c.until("both states", func() bool {
		_, b := server.stored(t, "/b")
		return s.localState("a") == 1 && b == 1 && !server.locked("/b")
	})
	for _, unit := range []string{"a", "b"} {
		plan := s.start("plan", "--working-dir", unit)
		plan.end(true, "No changes")
	}
	if s.exists("started-c") {
		t.Error("a unit was started after the end of terrace")
	}
	if left := s.states(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestTerraceKilledBackendGone: terrace is killed with -9 and the backend goes
// away as well. The binary leaves errored.tfstate; the next command says so, and
// terrace rescue saves it.
func TestTerraceKilledBackendGone(t *testing.T) {
	t.Parallel()
	server := newStateServer(t)
	s := newStage(t, server.unit("a", chatty)+"-- live/z/terragrunt.hcl --\n-- live/z/main.tf --\n")
	t.Cleanup(func() { s.touch("go") })
	appendTo(t, s.path("live/a/terragrunt.hcl"), named)
	c := s.start("run", "--all", "--non-interactive", "apply")
	c.until("the apply", func() bool { return s.exists("started-a") })
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	server.front.Cut(true)
	s.touch("go")
	c.until("the end of the binary", func() bool { return s.ended("pid-a") })
	if left := s.states(); len(left) != 1 {
		t.Fatalf("left: %v", left)
	}
	// Only now, since the binary gives up its lock after it has written the file:
	// the lock outlives its holder.
	server.front.Cut(false)
	next := s.start("plan", "--working-dir", "a")
	next.end(false, "An earlier run has left a state", "Run terrace rescue", "The state is locked by", "terrace force-unlock")
	_, line, _ := strings.Cut(next.said(), "If it was killed and the lock is a leftover: terrace ")
	s.start(append(strings.Fields(strings.SplitN(line, "\n", 2)[0]), "-force")...).end(true)
	s.start("rescue", "--working-dir", "a").end(true, "the backend has the state now")
	s.saved(server)
}
