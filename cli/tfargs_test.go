package cli

import (
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/shell"
)

func TestTofuForms(t *testing.T) {
	t.Parallel()
	approve := func(a []string) []string { return queueForm(a, true) }
	ask := func(a []string) []string { return queueForm(a, false) }
	plan := func(a []string) []string { return withPlanFile(a, "p.tfplan") }
	tests := []struct {
		name       string
		form       func([]string) []string
		line, want string
	}{
		{"destroy", destroyForm, "apply -destroy", "destroy"},
		{"destroy two dashes", destroyForm, "apply --destroy -auto-approve", "destroy -auto-approve"},
		{"destroy true", destroyForm, "apply -lock=false -destroy=true -var a=1", "destroy -lock=false -var a=1"},
		{"destroy false", destroyForm, "apply -destroy=false", "apply -destroy=false"},
		{"destroy as a text", destroyForm, "apply -var -destroy", "apply -var -destroy"},
		{"destroy of a plan", destroyForm, "plan -destroy", "plan -destroy"},
		{"destroy behind dashes", destroyForm, "apply -- -destroy", "apply -- -destroy"},

		{"queue plan", approve, "plan", "plan -input=false"},
		{"queue plan flags", approve, "plan -lock=false", "plan -input=false -lock=false"},
		{"queue apply", approve, "apply", "apply -input=false -auto-approve"},
		{"queue apply plan", approve, "apply saved.plan", "apply -input=false -auto-approve saved.plan"},
		{"queue apply asks", ask, "apply", "apply -input=false"},
		{"queue destroy", approve, "destroy", "destroy -auto-approve"},
		{"queue destroy asks", ask, "destroy", "destroy"},
		{"queue approved already", approve, "apply -auto-approve", "apply -input=false -auto-approve"},
		{"queue input said", approve, "plan -input=true", "plan -input=true"},
		{"queue init", approve, "init -upgrade", "init -input=false -upgrade"},
		{"queue refresh", approve, "refresh", "refresh -input=false"},
		{"queue output", approve, "output -json", "output -json"},
		{"queue flag only", approve, "-version", "-version"},

		{"no color", noColorForm, "plan", "plan -no-color"},
		{"no color two words", noColorForm, "state list a.b", "state list -no-color a.b"},
		{"no color before arguments", noColorForm, "import a b", "import -no-color a b"},
		{"no color behind flags", noColorForm, "init -upgrade", "init -upgrade -no-color"},
		{"no color between", noColorForm, "apply -var a=1 saved", "apply -var a=1 -no-color saved"},
		{"no color at the end", noColorForm, "plan -target", "plan -target -no-color"},
		{"no color unknown", noColorForm, "newcommand word", "newcommand -no-color word"},
		{"no color said", noColorForm, "plan -no-color", "plan -no-color"},
		{"no color nothing", noColorForm, "", ""},

		{"flags first", flagsFirst, "import -var a=1 addr id -lock=false", "import -var a=1 -lock=false addr id"},
		{"flags first with text", flagsFirst, "import addr id -var a=1", "import -var a=1 addr id"},
		{"flags first already", flagsFirst, "state mv -lock=false a b", "state mv -lock=false a b"},
		{"flags first, not behind dashes", flagsFirst, "apply a -- -b", "apply a -- -b"},
		{"flags first, text stays", flagsFirst, "plan -replace addr", "plan -replace addr"},

		{"plan file written", plan, "plan -lock=false", "plan -out=p.tfplan -lock=false"},
		{"plan file named", plan, "plan -out x", "plan -out x"},
		{"plan file read", plan, "apply -lock=false", "apply -lock=false p.tfplan"},
		{"plan file read, flag text", plan, "apply -parallelism 3", "apply -parallelism 3 p.tfplan"},
		{"plan file given", plan, "apply -lock=false mine", "apply -lock=false mine"},
		{"plan file shown", plan, "show -json", "show -json p.tfplan"},
		{"plan file not for init", plan, "init", "init"},
		{"plan file not for destroy", plan, "destroy", "destroy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := testWords(tt.line)
			check(t, "form", strings.Join(tt.form(args), " "), tt.want)
			check(t, "argument", strings.Join(args, " "), tt.line)
		})
	}
}

func TestTofuQuestions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		is   func([]string) bool
		yes  []string
		no   []string
	}{
		{"down", isDown,
			[]string{"destroy", "plan -destroy", "apply -destroy=true", "apply --destroy"},
			[]string{"", "plan", "apply", "plan -destroy=false", "plan -var -destroy", "show -destroy"}},
		{"detailed", detailedExitCode,
			[]string{"plan -detailed-exitcode", "plan -out x -detailed-exitcode", "plan -detailed-exitcode=1"},
			[]string{"plan", "plan -detailed-exitcode=false", "plan -var -detailed-exitcode", "plan -- -detailed-exitcode"}},
		{"raw", rawOutput,
			[]string{"output", "state list", "version", "console", "graph", "plan -json", "plan -help", "-version", "validate -json=true"},
			[]string{"plan", "apply", "plan -json=false", "plan json", "-lock"}},
	}
	for _, tt := range tests {
		for _, line := range tt.yes {
			check(t, tt.name+" "+line, tt.is(testWords(line)), true)
		}
		for _, line := range tt.no {
			check(t, tt.name+" "+line, tt.is(testWords(line)), false)
		}
	}
}

func TestCommandLength(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{
		"": 0, "-version": 0, "plan": 1, "plan list": 1, "state": 1, "state list": 2, "state -x list": 1,
		"providers lock": 2, "workspace new a": 2, "metadata functions": 2, "newcommand word": 1,
	} {
		check(t, line, shell.Argv(testWords(line)).Head(), want)
	}
}

func TestPlanFiles(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, out, plan string }{
		{"plan -out=a", "a", ""}, {"plan -out a", "a", ""}, {"plan", "", ""}, {"apply -out=a", "", ""},
		{"apply a", "", "a"}, {"apply -lock=false -target x a", "", "a"}, {"apply -target x", "", ""},
		{"show -json a", "", "a"}, {"plan a", "", ""}, {"apply -- -a", "", "-a"},
	}
	for _, tt := range tests {
		out, _ := outFile(testWords(tt.line))
		plan, _ := planFile(testWords(tt.line))
		check(t, tt.line+" out", out, tt.out)
		check(t, tt.line+" plan", plan, tt.plan)
	}
}

func TestRefuseQueue(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, flag, want string }{
		{"", "--all", "Missing run --all command argument (Example: terrace run --all plan)"},
		{"", "--graph", "Missing run --graph command argument (Example: terrace run --graph plan)"},
		{"import x y", "--all", "import with run --all is disabled: "},
		{"taint x", "--all", "taint with run --all is disabled: "},
		{"untaint x", "--all", "untaint with run --all is disabled: "},
		{"console", "--all", "console with run --all is disabled: "},
		{"force-unlock x", "--all", "force-unlock with run --all is disabled: "},
	}
	for _, tt := range tests {
		err := refuseQueue(testWords(tt.line), tt.flag)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.line, err)
		}
	}
	for _, line := range []string{"plan", "apply", "state list", "newcommand"} {
		if err := refuseQueue(testWords(line), "--all"); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestQueuePrompt(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{"apply", "Are you sure you want to run 'terrace apply' in each unit of the run queue displayed above?"},
		{"destroy", "WARNING: Are you sure you want to run `terrace destroy` in each unit of the run queue displayed above? There is no undo!"},
		{"apply -destroy", "WARNING: Are you sure you want to run `terrace destroy` in each unit of the run queue displayed above? There is no undo!"},
		{"plan", ""}, {"", ""},
	}
	for _, tt := range tests {
		check(t, tt.line, queuePrompt(testWords(tt.line)), tt.want)
	}
	if !strings.HasPrefix(queuePrompt([]string{"state", "rm"}), "Are you sure you want to manipulate the state with `terrace state`") {
		t.Error(queuePrompt([]string{"state", "rm"}))
	}
}
