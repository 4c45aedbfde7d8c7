package remote

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// BackendBlock writes the terraform block that tells the binary where the
// state lives and how it is encrypted, formatted, with sorted keys.
func BackendBlock(s Settings) ([]byte, error) {
	if s.Backend == "" {
		return nil, errors.New("the remote_state.backend field cannot be empty")
	}
	args, err := For(s.Backend).InitArgs(s)
	if err != nil {
		return nil, err
	}
	file := hclwrite.NewEmptyFile()
	terraform := file.Body().AppendNewBlock("terraform", nil).Body()
	backend := terraform.AppendNewBlock("backend", []string{s.Backend}).Body()
	if err := writeSettings(backend, args, nestedBlock(s.Backend)); err != nil {
		return nil, fmt.Errorf("remote_state: config: %w", err)
	}
	if len(s.Encryption) > 0 {
		if err := writeEncryption(terraform, s.Encryption); err != nil {
			return nil, fmt.Errorf("remote_state: encryption: %w", err)
		}
	}
	return hclwrite.Format(file.Bytes()), nil
}

// nestedBlock names the setting that a backend's schema has as a block and not
// as an attribute; "" is none. Written as an attribute it would be refused.
func nestedBlock(backend string) string {
	switch backend {
	case "remote":
		return "workspaces"
	case "kubernetes":
		return "exec"
	case "oss", "cos":
		return "assume_role"
	}
	return ""
}

// writeSettings writes attributes in the order of their keys, and after them
// the nested block if there is one.
func writeSettings(body *hclwrite.Body, settings map[string]any, nested string) error {
	for _, key := range sortedKeys(settings) {
		if settings[key] == nil {
			continue
		}
		if !hclsyntax.ValidIdentifier(key) {
			return fmt.Errorf("%q is not a valid name", key)
		}
		if _, isMap := settings[key].(map[string]any); isMap && key == nested {
			continue
		}
		value, err := toValue(key, settings[key])
		if err != nil {
			return err
		}
		body.SetAttributeValue(key, value)
	}
	if inner, ok := settings[nested].(map[string]any); ok {
		return writeSettings(body.AppendNewBlock(nested, nil).Body(), inner, "")
	}
	return nil
}

// writeEncryption writes OpenTofu's encryption block: one key provider, used
// with AES-GCM for the state and for plans.
func writeEncryption(terraform *hclwrite.Body, settings map[string]any) error {
	provider, ok := settings["key_provider"].(string)
	if !ok || provider == "" {
		return errors.New("key_provider not found in encryption config")
	}
	if !hclsyntax.ValidIdentifier(provider) {
		return fmt.Errorf("key_provider %q is not a valid name", provider)
	}
	rest := make(map[string]any, len(settings))
	for key, value := range settings {
		if key != "key_provider" && value != "" {
			rest[key] = value
		}
	}
	body := terraform.AppendNewBlock("encryption", nil).Body()
	if err := writeSettings(body.AppendNewBlock("key_provider", []string{provider, "default"}).Body(), rest, ""); err != nil {
		return err
	}
	body.AppendNewBlock("method", []string{"aes_gcm", "default"}).Body().SetAttributeTraversal("keys", path("key_provider", provider, "default"))
	for _, what := range []string{"state", "plan"} {
		body.AppendNewBlock(what, nil).Body().SetAttributeTraversal("method", path("method", "aes_gcm", "default"))
	}
	return nil
}

func path(root string, names ...string) hcl.Traversal {
	t := hcl.Traversal{hcl.TraverseRoot{Name: root}}
	for _, name := range names {
		t = append(t, hcl.TraverseAttr{Name: name})
	}
	return t
}
