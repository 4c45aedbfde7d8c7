package test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// startRegistry is the script command `registry MODULE VERSION...`: it starts a module registry
// on loopback that has one module, and writes a CLI configuration in which it stands for
// registry.example.test.
func startRegistry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: registry MODULE VERSION...")
	}
	type one struct {
		Version string `json:"version"`
	}
	var versions []one
	for _, v := range args[1:] {
		versions = append(versions, one{v})
	}
	answer, err := json.Marshal(map[string]any{"modules": []any{map[string]any{"versions": versions}}})
	ts.Check(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/modules/"+args[0]+"/versions" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(answer)
	}))
	ts.Defer(server.Close)
	rc := filepath.Join(ts.Getenv("WORK"), "registry.tfrc")
	ts.Check(os.WriteFile(rc, fmt.Appendf(nil, "host \"registry.example.test\" {\n  services = { \"modules.v1\" = \"%s/v1/modules/\" }\n}\n", server.URL), 0o600))
	ts.Setenv("TF_CLI_CONFIG_FILE", rc)
}
