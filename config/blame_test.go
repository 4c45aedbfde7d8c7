package config

import (
	"context"
	"errors"
	"testing"
)

func TestBlame(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"parent.hcl": "prevent_destroy = true\nterraform {\n  source = \"../there\"\n}\nremote_state {\n  backend = \"local\"\n  config = {}\n}\n",
		"app/terragrunt.hcl": "include \"p\" {\n  path = \"../parent.hcl\"\n}\nterraform {\n  source = \"../here\"\n}\n" +
			"generate \"a\" {\n  path = \"a\"\n  if_exists = \"skip\"\n  contents = \"\"\n}\n" +
			"generate \"b\" {\n  path = \"b\"\n  if_exists = \"skip\"\n  contents = \"\"\n}\n",
	})
	u, err := NewLoader(&fakeHost{root: root}, Options{Command: "plan"}).Unit(context.Background(), root+"/app")
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("it failed")
	for name, c := range map[string]struct {
		place Setting
		file  string // "" for none
		line  int
	}{
		"the child's attribute":    {Setting{Block: "terraform", Attr: "source"}, "app/terragrunt.hcl", 5},
		"a labelled block":         {Setting{Block: "generate", Label: "b"}, "app/terragrunt.hcl", 12},
		"a parent's block":         {Setting{Block: "remote_state"}, "parent.hcl", 5},
		"a parent's attribute":     {Setting{Attr: "prevent_destroy"}, "parent.hcl", 1},
		"an attribute not written": {Setting{Attr: "download_dir"}, "", 0},
		"a block not written":      {Setting{Block: "errors"}, "", 0},
		"a label not written":      {Setting{Block: "generate", Label: "c"}, "", 0},
	} {
		got := u.Blame(c.place, "No luck", cause)
		if !errors.Is(got, cause) {
			t.Errorf("%s: the cause is lost: %v", name, got)
		}
		var mistake *Error
		if !errors.As(got, &mistake) {
			if c.file != "" {
				t.Errorf("%s: got %v", name, got)
			}
			continue
		}
		d := mistake.Diagnostics[0]
		if c.file == "" || d.File != root+"/"+c.file || d.Line != c.line || d.Summary != "No luck" || len(d.Source) == 0 {
			t.Errorf("%s: got %s:%d %s", name, d.File, d.Line, d.Summary)
		}
	}
}
