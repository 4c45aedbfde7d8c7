package providercache

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/terrace-iac/terrace/source"
)

// userSettings is the text of the settings that the binary would read, without
// a cache folder of its own and without what they say of the hosts that we
// stand for.
func userSettings(env []string, tofu bool, hosts []string) (string, error) {
	var out strings.Builder
	for _, path := range source.SettingsFiles(env, tofu) {
		src, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		text, err := keptSettings(src, path, hosts)
		if err != nil {
			return "", err
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

var errJSONSettings = errors.New("only settings in the native syntax can be taken over, not JSON")

func keptSettings(src []byte, path string, hosts []string) (string, error) {
	if strings.HasSuffix(path, ".json") {
		return "", fmt.Errorf("%s: %w", path, errJSONSettings)
	}
	file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		return "", fmt.Errorf("%s: %w", path, diags)
	}
	body := file.Body.(*hclsyntax.Body)
	var parts []hcl.Range
	for _, a := range body.Attributes {
		if a.Name != "plugin_cache_dir" {
			parts = append(parts, a.SrcRange)
		}
	}
	for _, b := range body.Blocks {
		if !aboutHost(b, hosts) {
			parts = append(parts, hcl.RangeBetween(b.TypeRange, b.CloseBraceRange))
		}
	}
	slices.SortFunc(parts, func(a, b hcl.Range) int { return a.Start.Byte - b.Start.Byte })
	var out strings.Builder
	for _, r := range parts {
		out.Write(r.SliceBytes(src))
		out.WriteString("\n")
	}
	return out.String(), nil
}

func aboutHost(b *hclsyntax.Block, hosts []string) bool {
	return (b.Type == "host" || b.Type == "credentials") && len(b.Labels) == 1 &&
		slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, b.Labels[0]) })
}

// PluginCacheDir is the cache folder that the user's settings name for
// OpenTofu, "" for none.
func PluginCacheDir(env []string) string {
	for _, path := range source.SettingsFiles(env, true) {
		src, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
		if diags.HasErrors() {
			continue
		}
		attr, ok := file.Body.(*hclsyntax.Body).Attributes["plugin_cache_dir"]
		if !ok {
			continue
		}
		if v, diags := attr.Expr.Value(nil); !diags.HasErrors() && v.Type().FriendlyName() == "string" && v.IsKnown() && !v.IsNull() {
			return v.AsString()
		}
	}
	return ""
}

// settings is what the binary is told of us, for a request.
func (s *server) settings(hosts []string, request string) string {
	var out strings.Builder
	for _, host := range hosts {
		fmt.Fprintf(&out, "credentials %q {\n  token = %q\n}\n", host, s.token)
		fmt.Fprintf(&out, "host %q {\n  services = {\n", host)
		fmt.Fprintf(&out, "    %q = %q\n", "providers.v1", s.base+"/v1/providers/"+request+"/"+host+"/")
		fmt.Fprintf(&out, "    %q = %q\n", "modules.v1", s.base+"/v1/modules/"+host+"/")
		out.WriteString("  }\n}\n")
	}
	return out.String()
}
