package run

import (
	"strings"
	"testing"
)

// TestDeprecatedSettings: each deprecated spelling still works, with one
// warning however many units have it, and is an error where a strict control
// says so.
func TestDeprecatedSettings(t *testing.T) {
	t.Parallel()
	const s3 = `remote_state {
		backend = "s3"
		config = {
			bucket = "b"
			key    = "k"
			region = "r"
			%s
		}
	}`
	for name, c := range map[string]struct{ unit, warning, control string }{
		"lock_table":                 {strings.Replace(s3, "%s", `lock_table = "t"`, 1), "lock_table is deprecated, use dynamodb_table", "deprecated-configs"},
		"skip_bucket_accesslogging":  {strings.Replace(s3, "%s", `skip_bucket_accesslogging = true`, 1), "skip_bucket_accesslogging is deprecated and ignored", "deprecated-configs"},
		"tflint by its name":         {"terraform {\n before_hook \"lint\" {\n  commands = [\"plan\"]\n  execute = [\"tflint\"]\n }\n}", "the bare word tflint", "legacy-internal-tflint"},
		"tflint by its path is fine": {"terraform {\n before_hook \"lint\" {\n  commands = [\"plan\"]\n  execute = [\"/bin/tflint\"]\n }\n}", "", "legacy-internal-tflint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			for _, unit := range []string{"a", "b"} {
				files[unit+"/main.tf"] = "terraform {\n backend \"s3\" {}\n}\n"
				files[unit+"/.tflint.hcl"] = ""
				files[unit+"/terragrunt.hcl"] = c.unit
			}
			b := newBench(t, files)
			r := b.start()
			l := b.loader("plan")
			for _, unit := range []string{"a", "b"} {
				if _, err := r.Run(t.Context(), b.unit(l, unit), Command{Name: "plan", Args: []string{"plan"}}, Streams{}); err != nil {
					t.Fatal(err)
				}
			}
			if c.warning != "" && strings.Count(b.log.String(), c.warning) != 1 || strings.Contains(b.log.String(), "deprecated") != (c.warning != "") {
				t.Errorf("logged, want %q once:\n%s", c.warning, &b.log)
			}
			b.opts.Strict = func(control string) bool { return control == c.control }
			_, err := b.run("a", "plan")
			if (err == nil) != (c.warning == "") || err != nil && !strings.Contains(err.Error(), c.warning) {
				t.Errorf("strict: err = %v, want %q", err, c.warning)
			}
		})
	}
}
