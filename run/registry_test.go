package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/source"
)

// noted is a getter that keeps what it was asked for.
type noted struct{ jobs []source.Job }

func (n *noted) Get(_ context.Context, j source.Job) error {
	n.jobs = append(n.jobs, j)
	return errors.Join(os.MkdirAll(j.Dest, 0o755), os.WriteFile(filepath.Join(j.Dest, "main.tf"), nil, 0o644))
}

func TestRegistryRequest(t *testing.T) {
	t.Parallel()
	const versioned = `terraform {
  source  = "tfr:///acme/vpc/aws"
  version = "~> 4.0"
}`
	for name, c := range map[string]struct {
		file, says        string
		env               []string
		over              Source
		version, registry string
	}{
		"OpenTofu":          {file: versioned, says: "OpenTofu v1.9.0", version: "~> 4.0", registry: "registry.opentofu.org"},
		"Terraform":         {file: versioned, says: "Terraform v1.11.4", version: "~> 4.0", registry: "registry.terraform.io"},
		"by name alone":     {file: versioned, says: "hello", version: "~> 4.0", registry: "registry.opentofu.org"},
		"the variable":      {file: versioned, says: "Terraform v1.11.4", env: []string{"TG_TF_DEFAULT_REGISTRY_HOST=r.example.com"}, version: "~> 4.0", registry: "r.example.com"},
		"a host of its own": {file: `terraform { source = "tfr://h.example.com/acme/vpc/aws?version=4.0.0" }`},
		"another source":    {file: versioned, says: "Terraform v1.11.4", over: Source{URL: "tfr:///acme/other/aws"}, registry: "registry.terraform.io"},
		"a mapped source": {file: versioned, says: "Terraform v1.11.4", over: Source{Map: map[string]string{"tfr:///acme/vpc/aws": "tfr://m.example.com/acme/vpc/aws"}},
			version: "~> 4.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/terragrunt.hcl": c.file})
			b.opts.Binary = executable(t, b.path("bin"), "tofu")
			b.opts.Env, b.opts.Source = append(b.opts.Env, c.env...), c.over
			b.rec.script = func(shell.Cmd) answer { return answer{stdout: c.says + "\n"} }
			r, n := b.start(), &noted{}
			r.store = source.NewStore(source.Options{TempDir: t.TempDir(), Getters: map[string]source.Getter{"tfr": n}})
			for range 2 {
				if _, err := r.Run(context.Background(), b.unit(b.loader("plan"), "unit"), Command{Name: "plan", Args: shell.Argv{"plan"}}, Streams{}); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.store.Close(); err != nil {
				t.Error(err)
			}
			if len(n.jobs) != 1 || n.jobs[0].Version != c.version || n.jobs[0].Registry != c.registry {
				t.Errorf("asked for %+v, want version %q of %q, once", n.jobs, c.version, c.registry)
			}
		})
	}
}
