package source

import (
	"path/filepath"
	"testing"
)

func TestClean(t *testing.T) {
	t.Parallel()
	dir := realTempDir(t)
	for _, unit := range []string{"plain", "local", "errored", "named", "lost", "own", "sample"} {
		tree(t, dir, unit+"/terragrunt.hcl", "", unit+"/.terragrunt-cache/w/s/main.tf", "12345", unit+"/.terragrunt-cache/w/s/.terraform/terraform.tfstate", "")
	}
	tree(t, dir, "local/.terragrunt-cache/w/s/terraform.tfstate.d/dev/terraform.tfstate", "s",
		"errored/.terragrunt-cache/w/s/terraform.tfstate", "s", "errored/.terragrunt-cache/w/s/errored.tfstate", "s",
		"named/.terragrunt-cache/w/s/terraform.tfstate", "s", "lost/.terragrunt-cache/w/s/.terraform/errored.tfstate", "s",
		"own/.terragrunt-cache/w/s/prod.tfstate", "s", "sample/.terragrunt-cache/w/s/sample.tfstate", "s",
		"sample/.terragrunt-cache/w/s/"+sourceManifest, string(manifest{files: []string{"main.tf", "sample.tfstate"}}.encode()),
		"plain/.git/.terragrunt-cache/x", "")
	o := CleanOptions{DryRun: true, WithState: []string{filepath.Join(dir, "named"), filepath.Join(dir, "errored")}}
	for _, dry := range []bool{true, false} {
		o.DryRun = dry
		got, err := Clean(t.Context(), dir, o)
		if err != nil || len(got) != 7 {
			t.Fatalf("%+v, %v", got, err)
		}
		for _, one := range got {
			unit := filepath.Base(filepath.Dir(one.Dir))
			want := map[string]string{"errored": "errored.tfstate", "local": "terraform.tfstate.d/dev/terraform.tfstate", "lost": ".terraform/errored.tfstate", "own": "prod.tfstate"}[unit]
			if want != "" {
				want = filepath.Join(one.Dir, "w", "s", filepath.FromSlash(want))
			}
			if one.State != want {
				t.Errorf("%s: state %q, want %q", unit, one.State, want)
			}
			if exists(one.Dir) != (dry || want != "") {
				t.Errorf("%s, dry %v: is there: %v", unit, dry, exists(one.Dir))
			}
			if unit == "plain" && one.Bytes != 5 {
				t.Errorf("%d bytes", one.Bytes)
			}
		}
	}
	if !exists(filepath.Join(dir, "plain/.git/.terragrunt-cache/x")) {
		t.Error("a folder of a repository was cleaned")
	}
}
