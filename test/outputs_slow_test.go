//go:build unix

package test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// slowStates answers every state after a while, and counts how many are asked
// for in all and at the same moment.
type slowStates struct {
	after           time.Duration
	now, most, asks atomic.Int64
}

func (s *slowStates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := s.now.Add(1)
	defer s.now.Add(-1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	s.asks.Add(1)
	_, _ = io.Copy(io.Discard, r.Body)
	time.Sleep(s.after)
	fmt.Fprintf(w, `{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"a","outputs":{"id":{"value":%q,"type":"string"}},"resources":[]}`, r.URL.Path)
}

// TestOutputsAtOnce: a unit with a hundred dependencies, whose states are on a
// server that takes 100 ms for an answer, has their outputs after a few of
// those and not after ten seconds, whatever asks for them first.
func TestOutputsAtOnce(t *testing.T) {
	t.Parallel()
	const n = 100
	terraceBin(t) // not built while the clock runs
	for name, rest := range map[string]string{
		"inputs":   "inputs = { %s }",
		"hook":     "terraform {\n  before_hook \"one\" {\n    commands = [\"plan\"]\n    execute = [\"true\", dependency.u000.outputs.id]\n  }\n}\ninputs = { %s }",
		"iam_role": "iam_role = dependency.u000.outputs.id == \"\" ? \"none\" : \"\"\ninputs = { %s }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			states := &slowStates{after: 100 * time.Millisecond}
			server := httptest.NewServer(states)
			t.Cleanup(server.Close)
			s := newStage(t, manyStates(n, server.URL, rest))
			tofu := s.path("bin/tofu" + exeSuffix())
			if err := os.MkdirAll(filepath.Dir(tofu), 0o755); err != nil {
				t.Fatal(err)
			}
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			if err := copyFile(self, tofu); err != nil {
				t.Fatal(err)
			}
			s.env = append(s.env, "TG_TF_PATH="+tofu)
			for _, words := range [][]string{
				{"render", "--json", "--working-dir", "reader"}, {"plan", "--working-dir", "reader"}, {"render", "--json", "--working-dir", "other"},
				{"run", "--all", "--non-interactive", "--filter", "./reader", "plan"},
			} {
				states.asks.Store(0)
				states.most.Store(0)
				start := time.Now()
				c := s.start(words...)
				c.end(true)
				// One after another they take ten seconds; the machine may be busy.
				if took := time.Since(start); states.asks.Load() != n || states.most.Load() < n/2 || took > 5*time.Second {
					t.Errorf("%v took %v: %d were asked for, at most %d at once", words, took, states.asks.Load(), states.most.Load())
				}
			}
		})
	}
}

// manyStates is a unit, reader, and what it depends on.
func manyStates(n int, url, rest string) string {
	var units, reader, values strings.Builder
	for i := range n {
		name := fmt.Sprintf("u%03d", i)
		fmt.Fprintf(&units, "-- live/%s/terragrunt.hcl --\nremote_state {\n  backend = \"http\"\n  config = { address = \"%s/%s\" }\n}\n-- live/%s/main.tf --\n", name, url, name, name)
		fmt.Fprintf(&reader, "dependency %q {\n  config_path = \"../%s\"\n}\n", name, name)
		fmt.Fprintf(&values, "%s = dependency.%s.outputs.id, ", name, name)
	}
	return units.String() + "-- live/reader/terragrunt.hcl --\n" + reader.String() + strings.Replace(rest, "%s", values.String(), 1) + "\n-- live/reader/main.tf --\n-- live/module/main.tf --\n-- live/other/terragrunt.hcl --\nlocals {\n  reader = read_terragrunt_config(\"../reader/terragrunt.hcl\")\n}\ninputs = local.reader.inputs\n-- live/other/main.tf --\n"
}
