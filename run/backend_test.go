package run

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestBackendFlags(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"unit/main.tf": `terraform {
			backend "local" {}
		}`,
		"unit/terragrunt.hcl": `remote_state {
			backend = "local"
			config  = { path = "a b", list = ["x"], none = null, flag = true }
		}
		terraform {
			extra_arguments "a" {
				commands  = ["init"]
				arguments = ["-upgrade"]
			}
		}`,
	})
	b.must("unit", "init", "-lockfile=readonly")
	want := []string{"init", "-backend-config=flag=true", `-backend-config=list=["x"]`, "-backend-config=path=a b", "-upgrade", "-lockfile=readonly"}
	if got := b.rec.last(t, "init").Args; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	b.write("unit/terragrunt.hcl", strings.ReplaceAll(b.read("unit/terragrunt.hcl"), "a b", "c"))
	b.must("unit", "plan")
	want = []string{"init", "-backend-config=flag=true", `-backend-config=list=["x"]`, "-backend-config=path=c", "-upgrade"}
	if got := b.rec.last(t, "init").Args; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := b.rec.last(t, "plan").Args; !slices.Equal(got, []string{"plan"}) {
		t.Errorf("plan was given %q", got)
	}
}

func TestBackendFile(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"unit/main.tf": "",
		"unit/terragrunt.hcl": `remote_state {
			backend  = "local"
			config   = { path = "x" }
			generate = { path = "backend.tf", if_exists = "overwrite_terragrunt" }
		}`,
	})
	o := b.must("unit", "init")
	if got := b.rec.last(t, "init").Args; !slices.Equal(got, []string{"init"}) {
		t.Errorf("init was given %q", got)
	}
	want := signedText("terraform {\n  backend \"local\" {\n    path = \"x\"\n  }\n}\n")
	if got := mustRead(t, o.WorkDir+"/backend.tf"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNoBackendBlock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text string
		found      bool
	}{
		"none":             {"main.tf", "", false},
		"another one":      {"main.tf", `terraform { backend "s3" {} }`, false},
		"in a comment":     {"main.tf", `# terraform { backend "local" {} }`, false},
		"JSON":             {"main.tf.json", `{"terraform": {"backend": {"local": {}}}}`, true},
		"OpenTofu":         {"main.tofu", "terraform {\n backend \"local\" {}\n}", true},
		"in a folder":      {"below/x.tf", "terraform {\n backend \"local\" {}\n}", true},
		"in a hidden file": {".x.tf", "terraform {\n backend \"local\" {}\n}", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{
				"unit/other.tf":  "",
				"unit/" + c.file: c.text,
				"unit/terragrunt.hcl": `remote_state { 
					backend = "local" 
					config = {}
				}`,
			})
			_, err := b.run("unit", "plan")
			var missing *NoBackendBlockError
			if errors.As(err, &missing) == c.found {
				t.Fatalf("got %v", err)
			}
			if !c.found {
				wantError(t, err, "Found remote_state settings in "+b.path("unit/terragrunt.hcl"), "no backend block in the Terraform code in", `backend "local" {}`)
				if n := len(b.rec.lines()); n > 0 {
					t.Errorf("%d commands were run", n)
				}
			}
		})
	}
}
