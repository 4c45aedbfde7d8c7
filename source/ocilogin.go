package source

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

// ociLogin is who asks a registry; the zero value is nobody.
type ociLogin struct{ user, password, token string }

func (l ociLogin) basic() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(l.user+":"+l.password))
}

// ociEntry is one place that has credentials.
type ociEntry struct {
	prefix string // HOST or HOST/PATH; "" for all
	rank   int    // among those of the same length: higher wins
	login  ociLogin
	helper string // the program that has them, docker-credential-HELPER
}

// Ranks: the settings of the binary come first, and a helper before a password
// in a file.
const (
	rankPassword = iota
	rankHelper
	rankSettings
)

// ociCredentials finds the most specific credentials for a package.
func ociCredentials(ctx context.Context, env []string, n ociName) (ociLogin, error) {
	entries, files := ociSettings(env)
	for _, path := range files {
		entries = append(entries, dockerEntries(path)...)
	}
	at := n.host + "/" + n.repository
	var best *ociEntry
	for i, e := range entries {
		if e.prefix != "" && at != e.prefix && !strings.HasPrefix(at, e.prefix+"/") {
			continue
		}
		if best == nil || len(e.prefix) > len(best.prefix) || len(e.prefix) == len(best.prefix) && e.rank > best.rank {
			best = &entries[i]
		}
	}
	switch {
	case best == nil:
		return ociLogin{}, nil
	case best.helper != "":
		return askHelper(ctx, env, best.helper, n.host)
	}
	return best.login, nil
}

// ociSettings reads the settings of the binary, and gives the files of
// containers' programs that count beside them.
func ociSettings(env []string) (entries []ociEntry, files []string) {
	files = dockerFiles(env)
	for _, path := range SettingsFiles(env, true) {
		src, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		file, diags := hclparse.NewParser().ParseHCL(src, path)
		if diags.HasErrors() {
			continue // the binary complains of it
		}
		content, _, _ := file.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
			{Type: "oci_credentials", LabelNames: []string{"prefix"}}, {Type: "oci_default_credentials"},
		}})
		for _, b := range content.Blocks {
			attrs, _ := b.Body.JustAttributes()
			e := ociEntry{rank: rankSettings, helper: textOf(attrs, "docker_credentials_helper"), login: ociLogin{
				user: textOf(attrs, "username"), password: textOf(attrs, "password"), token: textOf(attrs, "access_token"),
			}}
			if b.Type == "oci_credentials" {
				e.prefix = b.Labels[0]
				entries = append(entries, e)
				continue
			}
			if e.helper != "" {
				entries = append(entries, e)
			}
			files = defaultFiles(attrs, files)
		}
	}
	return entries, files
}

// defaultFiles is what oci_default_credentials leaves of the usual files.
func defaultFiles(attrs hcl.Attributes, files []string) []string {
	if a, ok := attrs["discover_ambient_credentials"]; ok {
		if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.Type() == cty.Bool && v.IsKnown() && !v.IsNull() && v.False() {
			return nil
		}
	}
	list := literal(attrs, "docker_style_config_files")
	if !list.CanIterateElements() {
		return files
	}
	files = nil
	for _, v := range list.AsValueSlice() {
		if v.Type() == cty.String {
			files = append(files, v.AsString())
		}
	}
	return files
}

func textOf(attrs hcl.Attributes, name string) string {
	if v := literal(attrs, name); v.Type() == cty.String {
		return v.AsString()
	}
	return ""
}

// dockerFiles are where programs for containers keep credentials.
func dockerFiles(env []string) []string {
	home := or(envValue(env, "HOME"), envValue(env, "USERPROFILE"))
	var files []string
	if dir := envValue(env, "XDG_RUNTIME_DIR"); dir != "" {
		files = append(files, filepath.Join(dir, "containers", "auth.json"))
	}
	return append(files,
		filepath.Join(or(envValue(env, "XDG_CONFIG_HOME"), filepath.Join(home, ".config")), "containers", "auth.json"),
		filepath.Join(home, ".docker", "config.json"))
}

// dockerEntries reads one such file. One that is missing or broken has none.
func dockerEntries(path string) []ociEntry {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var file struct {
		Auths map[string]struct {
			Auth string `json:"auth"`
		} `json:"auths"`
		Helpers map[string]string `json:"credHelpers"`
		Store   string            `json:"credsStore"`
	}
	if json.Unmarshal(data, &file) != nil {
		return nil
	}
	var out []ociEntry
	for prefix, a := range file.Auths {
		text, err := base64.StdEncoding.DecodeString(a.Auth)
		user, password, ok := strings.Cut(string(text), ":")
		if err == nil && ok {
			out = append(out, ociEntry{prefix: strings.TrimPrefix(prefix, "https://"), rank: rankPassword, login: ociLogin{user: user, password: password}})
		}
	}
	for prefix, name := range file.Helpers {
		out = append(out, ociEntry{prefix: prefix, rank: rankHelper, helper: name})
	}
	if file.Store != "" {
		out = append(out, ociEntry{rank: rankHelper, helper: file.Store})
	}
	return out
}

// askHelper has a program give credentials, of which it may have none.
func askHelper(ctx context.Context, env []string, name, host string) (ociLogin, error) {
	if name != filepath.Base(name) {
		return ociLogin{}, fmt.Errorf("%q is no name of a credentials helper", name)
	}
	cmd := exec.CommandContext(ctx, "docker-credential-"+name, "get")
	cmd.Env, cmd.Stdin = env, strings.NewReader(host)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		if strings.Contains(out.String(), "credentials not found") {
			return ociLogin{}, nil
		}
		return ociLogin{}, fmt.Errorf("docker-credential-%s: %w", name, err)
	}
	var answer struct{ Username, Secret string }
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		return ociLogin{}, fmt.Errorf("docker-credential-%s answers with something else than JSON", name)
	}
	return ociLogin{user: answer.Username, password: answer.Secret}, nil
}
