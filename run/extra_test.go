package run

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestExtraArguments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		blocks string
		line   string
		want   string // ROOT stands for the folder of the case
	}{
		"behind the command words": {
			`extra_arguments "a" {
				commands  = ["state"]
				arguments = ["-lock=false"]
			}`, "state list -id=1", "state list -lock=false -id=1",
		},
		"only for its commands": {
			`extra_arguments "a" {
				commands  = ["apply"]
				arguments = ["-lock=false"]
			}`, "plan", "plan",
		},
		"in the order written, arguments before files": {
			`extra_arguments "a" {
				commands           = ["plan"]
				arguments          = ["-lock-timeout", "5m"]
				required_var_files = ["here.tfvars"]
			}
			extra_arguments "b" {
				commands  = ["plan"]
				arguments = ["-no-color"]
			}`, "plan -out=x", "plan -lock-timeout 5m -var-file=here.tfvars -no-color -out=x",
		},
		"a file named twice stands last": {
			`extra_arguments "a" {
				commands           = ["plan"]
				required_var_files = ["here.tfvars", "other.tfvars", "here.tfvars"]
				optional_var_files = ["other.tfvars"]
			}`, "plan", "plan -var-file=here.tfvars -var-file=other.tfvars",
		},
		"optional files that exist, from the unit's folder": {
			`extra_arguments "a" {
				commands           = ["plan"]
				optional_var_files = ["../above.tfvars", "nowhere.tfvars", "here.tfvars"]
			}`, "plan", "plan -var-file=ROOT/above.tfvars -var-file=here.tfvars",
		},
		"a required file that is missing is left to the binary": {
			`extra_arguments "a" {
				commands           = ["plan"]
				required_var_files = ["nowhere.tfvars"]
			}`, "plan", "plan -var-file=nowhere.tfvars",
		},
		"a saved plan takes no variables": {
			`extra_arguments "a" {
				commands           = ["apply"]
				arguments          = ["-var", "a=1", "-lock=false", "-var=b=2", "--var-file", "x.tfvars", "-parallelism", "3"]
				required_var_files = ["here.tfvars"]
			}`, "apply saved.plan", "apply -lock=false -parallelism 3 saved.plan",
		},
		"a word that is no file is no plan": {
			`extra_arguments "a" {
				commands  = ["apply"]
				arguments = ["-var", "a=1"]
			}`, "apply nowhere.plan", "apply -var a=1 nowhere.plan",
		},
		"a folder is no plan": {
			`extra_arguments "a" {
				commands  = ["apply"]
				arguments = ["-var", "a=1"]
			}`, "apply folder", "apply -var a=1 folder",
		},
		"the text of a flag is no plan": {
			`extra_arguments "a" {
				commands  = ["apply"]
				arguments = ["-var=a=1"]
			}`, "apply -state saved.plan", "apply -var=a=1 -state saved.plan",
		},
		"a plan that another command names": {
			`extra_arguments "a" {
				commands  = ["show"]
				arguments = ["-no-color"]
			}`, "show saved.plan", "show -no-color saved.plan",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{
				"above.tfvars":        "",
				"unit/main.tf":        "",
				"unit/here.tfvars":    "",
				"unit/other.tfvars":   "",
				"unit/saved.plan":     "a plan",
				"unit/folder/x.txt":   "",
				"unit/terragrunt.hcl": "terraform {\n" + c.blocks + "\n}\n",
			})
			words := strings.Fields(c.line)
			b.must("unit", words...)
			got := strings.Join(b.rec.last(t, words[0]).Args, " ")
			if want := strings.ReplaceAll(c.want, "ROOT", filepath.ToSlash(b.root)); filepath.ToSlash(got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestPlanFileInCache: a plan lies where the binary wrote it, not where we were
// started.
func TestPlanFileInCache(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"unit/main.tf": "",
		"unit/terragrunt.hcl": `terraform {
			extra_arguments "a" {
				commands  = ["plan", "apply"]
				arguments = ["-var=a=1"]
			}
		}`,
	})
	o := b.must("unit", "plan", "-out=saved.plan")
	b.write(o.WorkDir[len(b.root)+1:]+"/saved.plan", "a plan")
	b.must("unit", "apply", "saved.plan")
	if got := b.rec.last(t, "apply").Args; !slices.Equal(got, []string{"apply", "saved.plan"}) {
		t.Errorf("apply was given %q", got)
	}
}

func TestExtraEnvironment(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"unit/main.tf": `variable "a" {}`,
		"unit/terragrunt.hcl": `
			inputs = { a = "from inputs", b = "from inputs", c = "from inputs" }
			terraform {
				extra_arguments "a" {
					commands = ["plan"]
					env_vars = { TF_VAR_a = "from extra", WORD = "from extra" }
				}
			}`,
	})
	b.opts.Env = append(b.opts.Env, "WORD=from outside", "TF_VAR_b=from outside")
	b.must("unit", "plan")
	got := b.rec.last(t, "plan")
	for name, want := range map[string]string{
		"TF_VAR_a": "from extra", "TF_VAR_b": "from outside", "TF_VAR_c": "from inputs", "WORD": "from extra",
	} {
		if v := variableOf(got, name); v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
}

func TestOverrideAndAddMissing(t *testing.T) {
	t.Parallel()
	env := []string{"A=1", "B=2", "A=3"}
	if got := override(env, map[string]string{"A": "x", "C": "y"}); !slices.Equal(got, []string{"B=2", "A=x", "C=y"}) {
		t.Errorf("override gives %q", got)
	}
	if got := addMissing(env, map[string]string{"A": "x", "C": "y"}); !slices.Equal(got, []string{"A=1", "B=2", "A=3", "C=y"}) {
		t.Errorf("addMissing gives %q", got)
	}
	if !slices.Equal(env, []string{"A=1", "B=2", "A=3"}) {
		t.Errorf("the environment was changed to %q", env)
	}
}
