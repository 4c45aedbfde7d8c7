package run

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/shell"
)

const unsavedText = `{"version":4,"serial":3,"lineage":"l-1","outputs":{}}`

// leaving answers an apply that leaves a state behind, and the pushes by what
// the backend holds.
func leaving(b *bench, stored string, push func(c shell.Cmd) answer) func(c shell.Cmd) answer {
	return func(c shell.Cmd) answer {
		switch words := strings.Join(c.Args, " "); {
		case words == "apply":
			return answer{code: 1, stderr: "connection reset by peer", do: func() {
				if err := os.WriteFile(filepath.Join(c.Dir, erroredState), []byte(unsavedText), 0o600); err != nil {
					b.t.Error(err)
				}
			}}
		case words == "state pull":
			return answer{stdout: stored}
		case strings.HasPrefix(words, "state push"):
			return push(c)
		}
		return answer{}
	}
}

func TestRescue(t *testing.T) {
	t.Parallel()
	tree := map[string]string{"terrace.hcl": "", "a/terragrunt.hcl": "", "a/main.tf": ""}
	down := func(shell.Cmd) answer { return answer{code: 1, stderr: "connection refused"} }
	for _, tt := range []struct {
		name, stored string
		push         func(shell.Cmd) answer
		saved        bool
		naps         int
		says         string
	}{
		{"saved at once", `{"version":4,"serial":2,"lineage":"l-1"}`, func(shell.Cmd) answer { return answer{} }, true, 0, "nothing is lost"},
		{"there already", unsavedText, down, true, 0, "nothing is lost"},
		{"never", "", down, false, 6, "connection refused"},
		{"newer", `{"version":4,"serial":9,"lineage":"l-1"}`, down, false, 0, "serial 9 of lineage l-1"},
		{"another lineage", `{"version":4,"serial":1,"lineage":"x"}`, down, false, 0, "another lineage"},
		{"same serial", `{"version":4,"serial":3,"lineage":"l-1","outputs":{"a":{}}}`, down, false, 0, "another state of the same serial"},
	} {
		b := newBench(t, tree)
		b.opts.NoAutoRetry = true
		b.rec.script = leaving(b, tt.stored, tt.push)
		_, err := b.run("a", "apply")
		wantError(t, err, tt.says)
		var unsaved *UnsavedStateError
		if !errors.As(err, &unsaved) || unsaved.Saved != tt.saved || len(b.naps) != tt.naps {
			t.Errorf("%s: got %+v after %d naps", tt.name, unsaved, len(b.naps))
		}
		kept := b.path(".terrace/rescue/a/l-1-3.tfstate")
		if exists(kept) == tt.saved || exists(unsaved.Left) == tt.saved {
			t.Errorf("%s: the files are there: %v %v", tt.name, exists(kept), exists(unsaved.Left))
		}
	}
}

// An error that the rules would have tried again is not, while its state is
// not saved: what exists would be made twice.
func TestUnsavedIsNotRetried(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"a/terragrunt.hcl": `errors {
  retry "all" {
    retryable_errors   = [".*"]
    max_attempts       = 3
    sleep_interval_sec = 1
  }
}`, "a/main.tf": ""})
	b.rec.script = leaving(b, "", func(shell.Cmd) answer { return answer{code: 1, stderr: "refused"} })
	o, err := b.run("a", "apply")
	if !isUnsaved(err) || o.Attempts != 1 {
		t.Errorf("got %v after %d attempts", err, o.Attempts)
	}
	// The next command says so before anything else.
	b.rec.script = nil
	b.must("a", "plan")
	if !strings.Contains(b.log.String(), "Run terrace rescue") {
		t.Errorf("no word of the unsaved state in\n%s", b.log.String())
	}
}

func TestRescueReleasesOwnLock(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	for who, own := range map[string]bool{"me@" + host: true, "you@elsewhere": false} {
		b := newBench(t, map[string]string{"a/terragrunt.hcl": "", "a/main.tf": ""})
		b.opts.NoAutoRetry = true
		var created time.Time
		b.rec.script = leaving(b, "", func(c shell.Cmd) answer {
			if c.Args[2] == "-lock=false" {
				return answer{}
			}
			return answer{code: 1, stderr: "Error: Error acquiring the state lock\nLock Info:\n  ID: 77\n  Who: " + who + "\n  Created: " + created.UTC().Format(time.RFC3339Nano) + "\n  Info: \n"}
		})
		leave := b.rec.script
		b.rec.script = func(c shell.Cmd) answer {
			if c.Args[0] == "apply" {
				created = time.Now()
				time.Sleep(20 * time.Millisecond) // file times are coarse
			}
			return leave(c)
		}
		_, err := b.run("a", "apply")
		unlocked := strings.Contains(strings.Join(b.rec.lines(), "\n"), "force-unlock -force 77")
		if isUnsaved(err) == own || unlocked != own {
			t.Errorf("%s: unlocked %v, got %v", who, unlocked, err)
		}
	}
}

func TestUnsaved(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		".git/HEAD": "",
		"a/.terragrunt-cache/x/y/errored.tfstate":      unsavedText,
		".terrace/rescue/a/l-1-3.tfstate":              unsavedText,
		".terrace/rescue/a/l-1-3.tfstate.lock.json":    `{"host":"h"}`,
		"b/errored.tfstate":                            `{"version":4,"serial":1,"lineage":"m"}`,
		"c/.terrace/rescue/broken-00.tfstate":          "{",
		"d/terraform.tfstate":                          unsavedText,
		"d/.terraform/modules/example/errored.tfstate": unsavedText,
	})
	found, err := b.start().Unsaved(b.root)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, u := range found {
		rel, err := filepath.Rel(b.root, u.Unit)
		if err != nil {
			t.Fatal(err)
		}
		got[rel] = u.String()
		if rel == "a" && u.held.Host != "h" {
			t.Errorf("the copy's knowledge of the lock is lost: %+v", u.held)
		}
	}
	want := map[string]string{"a": "serial 3 of lineage l-1", "b": "serial 1 of lineage m", "c": "not readable as a state"}
	text, _ := json.Marshal(got)
	if wantText, _ := json.Marshal(want); len(found) != 3 || string(text) != string(wantText) {
		t.Errorf("got %s", text)
	}
	if above, err := b.runner.Unsaved(b.path("a")); err != nil || len(above) != 1 || above[0].held.Host != "h" {
		t.Errorf("from the unit: got %+v %v", above, err)
	}
	u, err := readUnsaved(b.path("b/errored.tfstate"), b.path("b"))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := u.keep()
	if err != nil || kept != b.path(".terrace/rescue/b/m-1.tfstate") || b.read(".terrace/.gitignore") != "*\n" {
		t.Errorf("got %s %v", kept, err)
	}
	u.text = []byte(`{"version":4,"serial":1,"lineage":"m","outputs":{}}`)
	if other, err := u.keep(); err != nil || other == kept {
		t.Errorf("a second state of the serial has replaced the first: %s %v", other, err)
	}
	if _, err := b.runner.Unsaved(b.path("missing")); err != nil {
		t.Errorf("got %v", err)
	}
}
