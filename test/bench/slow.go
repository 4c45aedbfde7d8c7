package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"time"
)

// latency is that of a backend on another continent.
const latency = 100 * time.Millisecond

// slowOutputs: how long a unit waits for the outputs of many others when each answer of the
// backend takes its time.
func (b *bench) slowOutputs() ([]row, error) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		fmt.Fprintf(w, `{"version":4,"serial":1,"lineage":"a","outputs":{"id":{"value":%q,"type":"string"}},"resources":[]}`, r.URL.Path)
	}))
	defer server.Close()
	live := filepath.Join(b.dir, "slow")
	var reader, inputs strings.Builder
	for i := range b.small {
		name := fmt.Sprintf("u%03d", i)
		unit := fmt.Sprintf("remote_state {\n  backend = \"http\"\n  config = { address = \"%s/%s\" }\n}\n", server.URL, name)
		if err := write(filepath.Join(live, name, "terragrunt.hcl"), unit); err != nil {
			return nil, err
		}
		fmt.Fprintf(&reader, "dependency %q {\n  config_path = \"../%s\"\n}\n", name, name)
		fmt.Fprintf(&inputs, "  %s = dependency.%s.outputs.id\n", name, name)
	}
	if err := write(filepath.Join(live, "reader", "terragrunt.hcl"), reader.String()+"inputs = {\n"+inputs.String()+"}\n"); err != nil {
		return nil, err
	}
	got, err := pairs(b.rounds(9), b.call(filepath.Join(live, "reader"), b.terrace, "render", "--json").once, b.call(b.dir, b.tf, "version").once)
	return []row{{got, fmt.Sprintf("outputs of %d dependencies from a backend that takes %s for an answer (bare: `version`)", b.small, ms(latency)), "at most 1 s", ms(got.ours), got.ours <= time.Second}}, err
}
