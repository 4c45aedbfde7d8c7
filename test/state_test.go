//go:build unix

package test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// holding is a module whose apply says that it is at work and goes on when it
// is told to.
const holding = `resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "echo $PPID > $MARKS/pid; touch $MARKS/started; while [ ! -e $MARKS/go ]; do sleep 0.05; done"
  }
}
output "made" { value = "yes" }
`

// stage is a tree of units, and the environment to run terrace in.
type stage struct {
	t   *testing.T
	dir string
	env []string
}

func newStage(t *testing.T, tree string) *stage {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range txtar.Parse([]byte(tree)).Files {
		path := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &stage{t: t, dir: dir, env: append(os.Environ(),
		"PATH="+wrappedDir(t)+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir+"/.home", "XDG_CACHE_HOME="+dir+"/.home",
		"MARKS="+dir, "TG_TF_PATH=terraform", "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull, "TG_NO_TIPS=true", "NO_COLOR=1", "TG_NO_COLOR=true")}
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *stage) touch(name string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), nil, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) exists(name string) bool {
	_, err := os.Stat(s.path(name))
	return err == nil
}

// command is a process that has been started.
type command struct {
	*exec.Cmd
	t   *testing.T
	mu  sync.Mutex
	out bytes.Buffer
}

func (c *command) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(p)
}

func (c *command) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.String()
}

// start starts terrace with words, in a process group of its own.
func (s *stage) start(words ...string) *command {
	s.t.Helper()
	return s.program(terraceBin(s.t), words...)
}

func (s *stage) program(name string, words ...string) *command {
	s.t.Helper()
	c := &command{Cmd: exec.Command(name, words...), t: s.t}
	c.Dir, c.Env, c.Stdout, c.Stderr = s.path("live"), s.env, c, c
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// end waits for the process and checks whether it ended well, and what it said.
func (c *command) end(well bool, says ...string) {
	c.t.Helper()
	err := c.Wait()
	if (err == nil) != well {
		c.t.Fatalf("%v ended with %v:\n%s", c.Args[1:], err, c.said())
	}
	for _, s := range says {
		if !strings.Contains(c.said(), s) {
			c.t.Fatalf("%v did not say %q:\n%s", c.Args[1:], s, c.said())
		}
	}
}

// until waits for something to be true, a minute at most.
func (c *command) until(what string, is func() bool) {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("waited in vain for %s:\n%s", what, c.said())
		}
	}
}

func (c *command) untilSaid(text string) {
	c.t.Helper()
	c.until(text, func() bool { return strings.Contains(c.said(), text) })
}

// states lists every rescued or errored state in the tree.
func (s *stage) states() []string {
	s.t.Helper()
	var found []string
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (d.Name() == "errored.tfstate" || strings.Contains(path, "/.terrace/rescue/")) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// TestBackendReturnsDuringRun: the backend goes away in the middle of an apply
// and comes back while the run still goes on.
func TestBackendReturnsDuringRun(t *testing.T) {
	t.Parallel()
	server := newStateServer(t)
	s := newStage(t, server.unit("a", holding))
	c := s.cutApply(server)
	c.untilSaid("next try in")
	server.front.Cut(false)
	c.end(false, "The backend has taken the state after all", "nothing is lost")
	s.saved(server)
}

// cutApply applies the unit a and cuts the line to the backend meanwhile.
func (s *stage) cutApply(server *stateServer) *command {
	s.t.Helper()
	c := s.start("apply", "-auto-approve", "--working-dir", "a")
	c.until("the apply", func() bool { return s.exists("started") })
	server.front.Cut(true)
	s.touch("go")
	return c
}

// saved checks that the backend has what was made, and that nothing is left
// behind.
func (s *stage) saved(server *stateServer) {
	s.t.Helper()
	if serial, resources := server.stored(s.t, "/a"); resources != 1 {
		s.t.Errorf("the backend has serial %d with %d resources", serial, resources)
	}
	if left := s.states(); len(left) > 0 {
		s.t.Errorf("left behind: %v", left)
	}
	if server.locked("/a") {
		s.t.Error("the lock that the apply could not release is still there")
	}
	s.start("plan", "--working-dir", "a").end(true, "No changes")
}

// TestRescueLater: the run is interrupted before the backend is back. It tries
// once more and says what to do, and terrace rescue does it, refusing once
// where a colleague has applied meanwhile.
func TestRescueLater(t *testing.T) {
	t.Parallel()
	server := newStateServer(t)
	s := newStage(t, server.unit("a", holding)+"-- .git/HEAD --\n")
	c := s.cutApply(server)
	c.untilSaid("next try in")
	if err := syscall.Kill(c.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	c.end(false, "terrace rescue --working-dir "+s.path("live/a"), ".terrace/rescue/live/a/new-")
	kept, err := filepath.Glob(s.path(".terrace/rescue/live/a/*.tfstate"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("got %v %v", kept, err)
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v %v", info, err)
	}
	if text, err := os.ReadFile(s.path(".terrace/.gitignore")); err != nil || string(text) != "*\n" {
		t.Errorf("got %q %v", text, err)
	}
	s.program(terraceBin(t), "rescue", "--list", "--working-dir", s.dir).end(true, "live/a\tserial ", ", the first of its unit\t.terrace/rescue/live/a/new-")
	s.start("rescue", "--working-dir", s.dir).end(false, "state pull: ")

	server.front.Cut(false)
	server.put("/a", `{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"other","outputs":{},"resources":[]}`)
	s.start("rescue", "--working-dir", s.dir).end(false, "serial 7 of lineage other", ", the first of its unit")
	server.drop("/a")
	s.start("plan", "--working-dir", "a").end(false, "An earlier run has left a state", "Run terrace rescue", "The state is locked by", "for apply since", "terrace force-unlock", "--working-dir "+s.path("live/a"))
	if err := os.RemoveAll(s.path("live/a/.terragrunt-cache")); err != nil {
		t.Fatal(err)
	}
	s.start("rescue", "--working-dir", s.path("live/a")).end(true, "the backend has the state now")
	s.saved(server)
	s.start("rescue", "--working-dir", s.dir).end(true, "No unsaved states")
}

// TestBinaryKilled: the binary is killed in the middle of an apply. The next
// command names the lock that is left, and the command that it prints releases
// it.
func TestBinaryKilled(t *testing.T) {
	t.Parallel()
	server := newStateServer(t)
	s := newStage(t, server.unit("a", holding))
	c := s.start("apply", "-auto-approve", "--working-dir", "a")
	c.until("the apply", func() bool { return s.exists("started") })
	s.kill("pid")
	s.touch("go")
	c.end(false, "ended by SIGKILL")
	next := s.start("plan", "--working-dir", "a")
	next.end(false, "The state is locked by", "for apply since", "terrace force-unlock")
	_, line, _ := strings.Cut(next.said(), "If it was killed and the lock is a leftover: terrace ")
	words := strings.Fields(strings.SplitN(line, "\n", 2)[0])
	s.start(append(words, "-force")...).end(true)
	s.start("plan", "--working-dir", "a").end(true, "1 to add")
}

// kill ends the process whose id a file holds.
func (s *stage) kill(file string) {
	s.t.Helper()
	if err := syscall.Kill(s.pid(file), syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
}

// ended tells whether the process has ended whose number a file holds. One that
// nobody has waited for yet has ended, too.
func (s *stage) ended(file string) bool {
	s.t.Helper()
	pid := s.pid(file)
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && bytes.Contains(stat, []byte(") Z "))
}

func (s *stage) pid(file string) int {
	s.t.Helper()
	text, err := os.ReadFile(s.path(file))
	if err != nil {
		s.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 2 {
		s.t.Fatalf("%s holds %q", file, text)
	}
	return pid
}

// TestTerraceKilled: terrace is killed in the middle of an apply. The binary
// goes on, holds its lock meanwhile, saves its state and releases the lock.
func TestTerraceKilled(t *testing.T) {
	t.Parallel()
	server := newStateServer(t)
	s := newStage(t, server.unit("a", holding))
	c := s.start("apply", "-auto-approve", "--working-dir", "a")
	c.until("the apply", func() bool { return s.exists("started") })
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.start("plan", "--working-dir", "a").end(false, "The state is locked by", "for apply since", "terrace force-unlock")
	s.touch("go")
	c.end(false)
	c.until("the lock to be released", func() bool { return !server.locked("/a") })
	s.saved(server)
}

// TestLocalRace: two runs want one unit. The second says who is at work, and
// terrace locks shows it until the first has ended.
func TestLocalRace(t *testing.T) {
	t.Parallel()
	s := newStage(t, "-- live/a/terragrunt.hcl --\n-- live/a/main.tf --\n"+holding)
	c := s.start("apply", "-auto-approve", "--working-dir", "a")
	c.until("the apply", func() bool { return s.exists("started") })
	s.start("apply", "-auto-approve", "--working-dir", "a").end(false, "The state is locked by", "for apply since", "--working-dir "+s.path("live/a"))
	locks := s.start("locks")
	locks.end(true, "a\t", "\tapply\t")
	id := strings.Split(locks.said(), "\t")[1]
	s.start("locks", "release", "a", id).end(false, "holds it since", "Release the lock "+id)
	s.touch("go")
	c.end(true)
	after := s.start("locks")
	after.end(true)
	if said := after.said(); strings.Contains(said, "\t") {
		t.Errorf("locks says %q", said)
	}
	// A leftover file of a process that was killed locks nothing.
	leftover := `{"ID":"1","Operation":"OperationTypeApply","Who":"a@b","Created":"2026-01-01T00:00:00Z"}`
	if err := os.WriteFile(s.path("live/a/.terraform.tfstate.lock.info"), []byte(leftover), 0o600); err != nil {
		t.Fatal(err)
	}
	after = s.start("locks")
	after.end(true)
	if said := after.said(); strings.Contains(said, "a@b") {
		t.Errorf("locks says %q", said)
	}
}

// TestNoRoom: files of ours that do not fit are one clear error, and nothing
// is half-written. A limit on the size of files stands for the full disk.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	s := newStage(t, `
-- tf --
#!/bin/sh
case "$*" in
*version*) echo '{"terraform_version":"1.11.4"}' ;;
apply*) ln $MARKS/large errored.tfstate; exit 1 ;;
state*) echo '{"version":4,"serial":9,"lineage":"l"}' ;;
esac
-- live/c/one/main.tf --
-- live/c/one/terragrunt.hcl --
-- live/c/two/main.tf --
-- live/c/two/terragrunt.hcl --
-- live/c/three/main.tf --
-- live/c/three/terragrunt.hcl --
-- live/c/four/main.tf --
-- live/c/four/terragrunt.hcl --
-- live/c/five/main.tf --
-- live/c/five/terragrunt.hcl --
-- live/c/six/main.tf --
-- live/c/six/terragrunt.hcl --
-- live/a/main.tf --
-- live/a/terragrunt.hcl --
-- live/b/main.tf --
-- live/b/terragrunt.hcl --
generate "large" {
  path      = "large.tf"
  if_exists = "overwrite"
  contents  = join("\n", [for i in range(1000) : "# line number ${i}"])
}
`)
	if err := os.Chmod(s.path("tf"), 0o755); err != nil {
		t.Fatal(err)
	}
	state := `{"version":4,"serial":3,"lineage":"l","outputs":{"text":{"type":"string","value":"` + strings.Repeat("x", 20000) + `"}},"resources":[]}`
	if err := os.WriteFile(s.path("large"), []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "TG_TF_PATH="+s.path("tf"))
	limited := func(blocks string, words ...string) *command {
		return s.program("/bin/sh", append([]string{"-c", "ulimit -f " + blocks + `; exec "$0" "$@"`, terraceBin(t)}, words...)...)
	}
	limited("8", "validate", "--working-dir", "b", "--no-auto-init").end(false, "Cannot generate this file", "file too large")
	if s.exists("live/b/large.tf") {
		t.Error("a part of the generated file is there")
	}
	limited("8", "run", "--no-auto-init", "--working-dir", "a", "--", "apply").end(false, "file too large", "exists only in ", "errored.tfstate.\n", "the backend has serial 9 of lineage l, the file has serial 3 of lineage l", "terrace rescue")
	left := s.states()
	if len(left) != 1 || filepath.Base(left[0]) != "errored.tfstate" {
		t.Fatalf("left: %v", left)
	}
	if got, err := os.ReadFile(left[0]); err != nil || string(got) != state {
		t.Errorf("the state itself was touched: %v", err)
	}
	limited("1", "run", "--all", "--no-auto-init", "--working-dir", "c", "--report-file", "report.json", "validate").end(false, "report.json", "file too large")
	if files, err := os.ReadDir(s.path("live")); err != nil || len(files) != 3 {
		t.Errorf("a part of the report is there: %v %v", files, err)
	}
}

// TestOutputsFromHTTP: the outputs of a dependency whose state lies on an http
// backend are read without starting the binary.
func TestOutputsFromHTTP(t *testing.T) {
	t.Parallel()
	server := newStateServer(t)
	s := newStage(t, server.unit("a", `output "made" { value = "by a" }`)+`
-- live/b/terragrunt.hcl --
dependency "a" {
  config_path = "../a"
}
inputs = { from = dependency.a.outputs.made }
-- live/b/main.tf --
variable "from" {}
output "got" { value = "made ${var.from}" }
`)
	s.start("apply", "-auto-approve", "--working-dir", "a").end(true)
	c := s.start("plan", "--working-dir", "b", "--log-level", "debug")
	c.end(true, `"made by a"`)
	if said := c.said(); strings.Contains(said, "through the binary") {
		t.Errorf("the binary was asked:\n%s", said)
	}
}
