package run

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/shell"
)

func TestDecrypt(t *testing.T) {
	t.Parallel()
	sample := func(name string) string {
		text, err := os.ReadFile(filepath.Join("sops", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	b := newBench(t, map[string]string{
		"unit/main.tf": "",
		"unit/terragrunt.hcl": `
locals {
  secret = yamldecode(sops_decrypt_file("secret.yaml"))
}
inputs = {
  token = local.secret.data.token
  note  = sops_decrypt_file("note.txt")
}`,
		"unit/secret.yaml":   sample("regex.yaml"),
		"unit/note.txt":      sample("note.txt"),
		"binary/main.tf":     "",
		"binary/blob.bin":    sample("blob.bin"),
		"binary/plain.yaml":  "a: b",
		"binary/foreign.txt": strings.NewReplacer(`"age":`, `"gcp_kms":`, `"recipient":`, `"created_at": "2026-01-01T00:00:00Z", "resource_id":`).Replace(sample("note.txt")),
	})
	b.opts.Auth = "login"
	b.opts.Env = append(b.opts.Env, "GOOGLE_OAUTH_ACCESS_TOKEN=not that of this process")
	key := strings.Join(strings.Fields(sample("one.age")), " ")
	key = key[strings.Index(key, "AGE-"):]
	b.rec.script = func(c shell.Cmd) answer {
		switch c.Path {
		case "login":
			return answer{stdout: `{"envs": {"SOPS_AGE_KEY": "` + key + `"}}`} // of this unit alone
		case "sops":
			if variableOf(c, "SOPS_AGE_KEY") != key {
				t.Error("sops has another environment")
			}
			return answer{stdout: "from the program"}
		}
		return answer{}
	}
	b.must("unit", "plan")
	call := b.rec.last(t, "plan")
	if got := variableOf(call, "TF_VAR_token"); got != "hidden" {
		t.Errorf("token is %q", got)
	}
	if got := variableOf(call, "TF_VAR_note"); got != sample("plain/note.txt") {
		t.Errorf("note is %q", got)
	}
	if log := b.log.String(); strings.Contains(log, "hidden") || strings.Contains(log, key) {
		t.Error("a secret is in the log")
	}

	for file, want := range map[string]string{
		"blob.bin":    "not a valid format or encoding",
		"plain.yaml":  "decrypting " + b.path("binary/plain.yaml") + ": the file is not encrypted with sops",
		"absent.yaml": "no such file",
	} {
		b.write("binary/terragrunt.hcl", `inputs = { x = sops_decrypt_file("`+file+`") }`)
		_, err := b.run("binary", "plan")
		wantError(t, err, want)
	}
	b.write("binary/terragrunt.hcl", `inputs = { x = sops_decrypt_file("foreign.txt") }`)
	b.must("binary", "plan")
	if got := variableOf(b.rec.last(t, "plan"), "TF_VAR_x"); got != "from the program" {
		t.Errorf("a file with a foreign key is %q", got)
	}
	b.rec.script = func(c shell.Cmd) answer {
		if c.Path == "sops" {
			return answer{code: 128, stdout: "s3cret", stderr: "no credentials for the cloud\n"}
		}
		return answer{stdout: "{}"}
	}
	_, err := b.run("binary", "plan")
	wantError(t, err, "Google Cloud KMS age1", "the unit's environment is not that of this process", "no credentials for the cloud")
	if strings.Contains(err.Error(), "s3cret") {
		t.Error("the error tells")
	}
	if _, err := b.start().Decrypt(context.Background(), b.path("nowhere"), nil); err == nil || !strings.HasPrefix(err.Error(), "decrypting ") {
		t.Errorf("got %v", err)
	}
}
