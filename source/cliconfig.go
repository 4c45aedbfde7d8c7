package source

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

// cliConfig is what the settings of the wrapped binary say of registries.
type cliConfig struct {
	env      []string
	tokens   map[string]string            // by host
	services map[string]map[string]string // host -> service, such as modules.v1 -> its URL
}

// readCLIConfig reads the files that the binary would read in an environment.
// One that is missing or broken is left out: the binary complains of it.
func readCLIConfig(env []string) cliConfig {
	c := cliConfig{env: env, tokens: map[string]string{}, services: map[string]map[string]string{}}
	home := envValue(env, "HOME")
	if runtime.GOOS == "windows" {
		home = envValue(env, "APPDATA")
	}
	if home != "" {
		c.readCredentials(filepath.Join(home, settingsFolder(), "credentials.tfrc.json"))
	}
	for _, path := range c.files(home) {
		if c.read(path) {
			break
		}
	}
	return c
}

// settingsFolder is where `login` keeps tokens.
func settingsFolder() string {
	if runtime.GOOS == "windows" {
		return "terraform.d"
	}
	return ".terraform.d"
}

// files are those that may hold the settings; the first that is there counts.
func (c cliConfig) files(home string) []string {
	for _, name := range []string{"TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"} {
		if path := envValue(c.env, name); path != "" {
			return []string{path}
		}
	}
	if home == "" {
		return nil
	}
	if runtime.GOOS == "windows" {
		return []string{filepath.Join(home, "tofu.rc"), filepath.Join(home, "terraform.rc")}
	}
	return []string{filepath.Join(home, ".tofurc"), filepath.Join(home, ".terraformrc")}
}

func (c cliConfig) readCredentials(path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		return
	}
	var file struct {
		Credentials map[string]struct {
			Token string `json:"token"`
		} `json:"credentials"`
	}
	if json.Unmarshal(data, &file) != nil {
		return
	}
	for host, entry := range file.Credentials {
		c.tokens[strings.ToLower(host)] = entry.Token
	}
}

func (c cliConfig) read(path string) bool {
	data, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	parser := hclparse.NewParser()
	parse := parser.ParseHCL
	if strings.HasSuffix(path, ".json") {
		parse = parser.ParseJSON
	}
	file, diags := parse(data, path)
	if diags.HasErrors() || file == nil {
		return true
	}
	content, _, _ := file.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "credentials", LabelNames: []string{"host"}}, {Type: "host", LabelNames: []string{"host"}},
	}})
	for _, b := range content.Blocks {
		host := strings.ToLower(b.Labels[0])
		attrs, _ := b.Body.JustAttributes()
		if token := literal(attrs, "token"); b.Type == "credentials" && token.Type() == cty.String {
			c.tokens[host] = token.AsString()
		}
		if services := literal(attrs, "services"); b.Type == "host" && services.Type().IsObjectType() {
			c.services[host] = map[string]string{}
			for name, at := range services.AsValueMap() {
				if at.Type() == cty.String && !at.IsNull() {
					c.services[host][name] = at.AsString()
				}
			}
		}
	}
	return true
}

// literal is the value of an attribute that is known and not null, else false.
func literal(attrs hcl.Attributes, name string) cty.Value {
	if a, ok := attrs[name]; ok {
		if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.IsWhollyKnown() && !v.IsNull() {
			return v
		}
	}
	return cty.False
}

// token gives the token for a host: of its own variable, of the settings, or
// the one for all registries.
func (c cliConfig) token(host string) string {
	for _, entry := range slices.Backward(c.env) {
		name, value, _ := strings.Cut(entry, "=")
		encoded, ok := strings.CutPrefix(name, "TF_TOKEN_")
		if ok && value != "" && strings.EqualFold(hostOfVariable(encoded), host) {
			return value
		}
	}
	if token := c.tokens[host]; token != "" {
		return token
	}
	return envValue(c.env, "TG_TF_REGISTRY_TOKEN")
}

// own is the token of a host itself.
func (c cliConfig) own(host string) string {
	c.env = slices.DeleteFunc(slices.Clone(c.env), func(entry string) bool {
		return strings.HasPrefix(entry, "TG_TF_REGISTRY_TOKEN=")
	})
	return c.token(host)
}

// hostOfVariable decodes the end of a TF_TOKEN_ variable: an underscore stands
// for a dot, two for a hyphen.
func hostOfVariable(encoded string) string {
	return strings.NewReplacer("__", "-", "_", ".").Replace(encoded)
}

func tokenVariable(host string) string {
	return "TF_TOKEN_" + strings.NewReplacer(".", "_", "-", "__").Replace(host)
}

func envValue(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if k, v, ok := strings.Cut(entry, "="); ok && k == name {
			return v
		}
	}
	return ""
}
