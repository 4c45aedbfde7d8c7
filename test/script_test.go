package test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptLimit ends a script that hangs. It is far above what any script needs, also on a
// slow and busy machine.
const scriptLimit = 3 * time.Minute

// TestFake runs the scripts that need no real binary: what they wrap is the stand-in of
// faketofu_test.go, which writes down how it was called.
func TestFake(t *testing.T) {
	dirs := []string{terraceDir(t)}
	runSet(t, "script/fake", func(e *testscript.Env) error {
		baseEnv(e, dirs...)
		e.Setenv("TG_TF_PATH", "faketofu")
		e.Setenv("REC", filepath.Join(e.WorkDir, "rec.jsonl"))
		return nil
	})
}

// TestReal runs the scripts that need a real tofu or terraform.
func TestReal(t *testing.T) {
	dirs := []string{terraceDir(t), wrappedDir(t)}
	runSet(t, "script/real", func(e *testscript.Env) error {
		baseEnv(e, dirs...)
		e.Setenv("TG_TF_PATH", "terraform")
		e.Setenv("ROOT", moduleRoot())
		return nil
	})
}

func runSet(t *testing.T, dir string, setup func(*testscript.Env) error) {
	for _, name := range scripts(t, dir) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := runScript(filepath.Join(dir, name+".txtar"), scriptLimit, setup)
			tally(t, string(got.Verdict), dir+"/"+name)
			switch got.Verdict {
			case failed:
				t.Fatal(got.Log)
			case skipped:
				t.Skip(got.Log)
			}
		})
	}
}

// baseEnv cuts a script off from the user's settings: everything that a program could read
// or write outside its arguments lies in the script's own folder.
func baseEnv(e *testscript.Env, dirs ...string) {
	home := filepath.Join(e.WorkDir, ".home")
	e.Setenv("PATH", pathList(dirs...))
	e.Setenv("HOME", home)
	e.Setenv("USERPROFILE", home)
	e.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	e.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		e.Setenv("GIT_"+who+"_NAME", "Test")
		e.Setenv("GIT_"+who+"_EMAIL", "test@example.com")
	}
	e.Setenv("CHECKPOINT_DISABLE", "1")
	e.Setenv("TF_CLI_CONFIG_FILE", os.DevNull)
	e.Setenv("TG_NO_TIPS", "true")
}
