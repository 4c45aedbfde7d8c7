//go:build unix

package test

import (
	"strings"
	"testing"
)

// TestHTTPRace: two runs of many units want one state on an http backend. One
// gets the lock; the other names its holder, changes nothing and leaves the
// lock alone.
func TestHTTPRace(t *testing.T) {
	t.Parallel()
	server := newStateServer(t)
	s := newStage(t, server.unit("a", holding))
	t.Cleanup(func() { s.touch("go") })
	c := s.start("run", "--all", "--non-interactive", "apply")
	c.until("the apply", func() bool { return s.exists("started") })
	s.start("run", "--all", "--non-interactive", "apply").end(false, "The state is locked by", "for apply since", "terrace force-unlock")
	if !server.locked("/a") {
		t.Error("the second run took the lock of the first away")
	}
	s.touch("go")
	c.end(true)
	s.saved(server)
}

// TestLocalBinaryKilled: the binary of a unit with local state is killed during
// run --all. Its lock ends with it, what was saved before is there, and the next
// run makes the rest.
func TestLocalBinaryKilled(t *testing.T) {
	t.Parallel()
	s := newStage(t, "-- live/a/terragrunt.hcl --\n-- live/a/main.tf --\n"+`resource "terraform_data" "first" {}
`+strings.Replace(holding, `"slow" {`, `"slow" {
  depends_on = [terraform_data.first]`, 1))
	t.Cleanup(func() { s.touch("go") })
	c := s.start("run", "--all", "--non-interactive", "apply")
	c.until("the apply", func() bool { return s.exists("started") })
	s.kill("pid")
	s.touch("go")
	c.end(false, "ended by SIGKILL")
	locks := s.start("locks")
	locks.end(true)
	if strings.Contains(locks.said(), "\t") {
		t.Errorf("locks says %q", locks.said())
	}
	s.start("apply", "-auto-approve", "--working-dir", "a").end(true, "Apply complete!")
	s.start("plan", "--working-dir", "a").end(true, "No changes")
}
