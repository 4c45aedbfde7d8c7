package remote

import (
	"strings"
	"testing"
)

func TestBackendBlock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		s    Settings
		want string
	}{
		{
			"sorted and aligned",
			Settings{Backend: "local", Config: map[string]any{"workspace_dir": "w", "path": "a/b.tfstate", "none": nil}},
			`
terraform {
  backend "local" {
    path          = "a/b.tfstate"
    workspace_dir = "w"
  }
}
`,
		},
		{
			"no settings",
			Settings{Backend: "local"},
			`
terraform {
  backend "local" {
  }
}
`,
		},
		{
			"objects, lists and escapes",
			Settings{Backend: "s3", Config: map[string]any{
				"bucket":         "b${x}%{y}\"\n",
				"encrypt":        "true",
				"lock_table":     "t",
				"s3_bucket_tags": map[string]any{"a": "b"},
				"max_retries":    5.0,
				"assume_role":    map[string]any{"tags": map[string]any{"a b": "c"}, "role_arn": "arn", "external_id": nil},
				"ids":            []any{"a", true},
			}},
			`
terraform {
  backend "s3" {
    assume_role = {
      role_arn = "arn"
      tags = {
        "a b" = "c"
      }
    }
    bucket         = "b$${x}%%{y}\"\n"
    dynamodb_table = "t"
    encrypt        = true
    ids            = ["a", true]
    max_retries    = 5
  }
}
`,
		},
		{
			"a setting that is a block",
			Settings{Backend: "remote", Config: map[string]any{"workspaces": map[string]any{"name": "w"}, "organization": "o"}},
			`
terraform {
  backend "remote" {
    organization = "o"
    workspaces {
      name = "w"
    }
  }
}
`,
		},
		{
			"encryption",
			Settings{Backend: "local", Encryption: map[string]any{"key_provider": "pbkdf2", "passphrase": "p", "empty": "", "iterations": int64(600000)}},
			`
terraform {
  backend "local" {
  }
  encryption {
    key_provider "pbkdf2" "default" {
      iterations = 600000
      passphrase = "p"
    }
    method "aes_gcm" "default" {
      keys = key_provider.pbkdf2.default
    }
    state {
      method = method.aes_gcm.default
    }
    plan {
      method = method.aes_gcm.default
    }
  }
}
`,
		},
	} {
		got, err := BackendBlock(tt.s)
		if err != nil {
			t.Errorf("%s: %s", tt.name, err)
		} else if string(got) != strings.TrimPrefix(tt.want, "\n") {
			t.Errorf("%s\n got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestBackendBlockErrors(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Settings{
		"the remote_state.backend field cannot be empty": {},
		"key_provider not found in encryption config":    {Backend: "local", Encryption: map[string]any{"passphrase": "secret"}},
		`key_provider "a b" is not a valid name`:         {Backend: "local", Encryption: map[string]any{"key_provider": "a b"}},
		`"a b" is not a valid name`:                      {Backend: "local", Config: map[string]any{"a b": "secret"}},
		"a.b[1]: values of type chan int":                {Backend: "local", Config: map[string]any{"a": map[string]any{"b": []any{"secret", make(chan int)}}}},
	} {
		_, err := BackendBlock(s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats a value: %s", err)
		}
	}
}
