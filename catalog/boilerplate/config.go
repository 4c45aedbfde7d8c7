package boilerplate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// ConfigFile is the file that makes a folder a template.
const ConfigFile = "boilerplate.yml"

// Config is what a template says about itself.
type Config struct {
	RequiredVersion string       `yaml:"required_version"`
	Variables       []Variable   `yaml:"variables"`
	Dependencies    []Dependency `yaml:"dependencies"`
	Hooks           struct {
		Before []Hook `yaml:"before"`
		After  []Hook `yaml:"after"`
	} `yaml:"hooks"`
	Partials  []string   `yaml:"partials"`
	SkipFiles []SkipFile `yaml:"skip_files"`
	Engines   []struct {
		Path   string `yaml:"path"`
		Engine string `yaml:"template_engine"`
	} `yaml:"engines"`
}

// Variable is one that a template needs a value for.
type Variable struct {
	Name        string      `yaml:"name"`
	Description string      `yaml:"description"`
	Type        string      `yaml:"type"` // string, int, float, bool, list, map, enum
	Options     []string    `yaml:"options"`
	Default     yaml.Node   `yaml:"default"`
	Reference   string      `yaml:"reference"`
	Order       int         `yaml:"order"`
	Validations validations `yaml:"validations"`
}

// Dependency is a template that is rendered before the one that names it.
type Dependency struct {
	Name             string     `yaml:"name"`
	TemplateURL      string     `yaml:"template-url"`
	OutputFolder     string     `yaml:"output-folder"`
	Skip             text       `yaml:"skip"`
	DontInherit      bool       `yaml:"dont-inherit-variables"`
	Variables        []Variable `yaml:"variables"`
	VarFiles         []string   `yaml:"var_files"`
	ForEach          []any      `yaml:"for_each"`
	ForEachReference string     `yaml:"for_each_reference"`
}

// Hook is a program to run before or after rendering.
type Hook struct {
	Command string            `yaml:"command"`
	Args    []string          `yaml:"args"`
	Env     map[string]string `yaml:"env"`
	Dir     string            `yaml:"dir"`
	Skip    text              `yaml:"skip"`
}

// SkipFile leaves files out: those that match Path, or those that do not match
// NotPath.
type SkipFile struct {
	Path    string `yaml:"path"`
	NotPath string `yaml:"not_path"`
	If      text   `yaml:"if"`
}

// text is a scalar as it is written, be it a boolean, a number or a template.
type text string

func (t *text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: expected a plain value", n.Line)
	}
	*t = text(n.Value)
	return nil
}

// ConfigError is a boilerplate.yml that cannot be used.
type ConfigError struct {
	Path string
	Err  error
}

func (e *ConfigError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }
func (e *ConfigError) Unwrap() error { return e.Err }

// ReadConfig reads the boilerplate.yml of a folder.
func ReadConfig(dir string) (*Config, error) {
	path := filepath.Join(dir, ConfigFile)
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c := &Config{}
	d := yaml.NewDecoder(bytes.NewReader(src))
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, &ConfigError{path, err}
	}
	if err := c.check(); err != nil {
		return nil, &ConfigError{path, err}
	}
	return c, nil
}

func (c *Config) check() error {
	for _, v := range c.Variables {
		if err := v.check(); err != nil {
			return err
		}
	}
	for _, d := range c.Dependencies {
		switch {
		case d.Name == "":
			return errors.New("a dependency without a name")
		case d.TemplateURL == "":
			return fmt.Errorf("dependency %q: template-url is missing", d.Name)
		case d.OutputFolder == "":
			return fmt.Errorf("dependency %q: output-folder is missing", d.Name)
		}
	}
	for _, h := range slices.Concat(c.Hooks.Before, c.Hooks.After) {
		if h.Command == "" {
			return errors.New("a hook without a command")
		}
	}
	for _, s := range c.SkipFiles {
		if s.Path == "" && s.NotPath == "" {
			return errors.New("an entry of skip_files needs path or not_path")
		}
	}
	return nil
}

func (v *Variable) check() error {
	if v.Name == "" {
		return errors.New("a variable without a name")
	}
	switch v.Type {
	case "", "string", "int", "float", "bool", "list", "map":
	case "enum":
		if len(v.Options) == 0 {
			return fmt.Errorf("variable %q: an enum needs options", v.Name)
		}
	default:
		return fmt.Errorf("variable %q: %q is not one of the types string, int, float, bool, list, map, enum", v.Name, v.Type)
	}
	for _, rule := range v.Validations {
		if _, err := rule.check(""); err != nil {
			return fmt.Errorf("variable %q: %w", v.Name, err)
		}
	}
	return nil
}

// ordered gives the variables as they are asked for: those with an order by
// it, the others where they stand.
func ordered(list []Variable) []Variable {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b Variable) int { return a.Order - b.Order })
	return out
}

// DefaultText is the default as a person would type it, "" for none. Templates
// in it are left as they are.
func (v *Variable) DefaultText() string {
	switch {
	case !v.HasDefault():
		return ""
	case v.Default.Kind == yaml.ScalarNode:
		return v.Default.Value
	}
	flow := v.Default
	flow.Style = yaml.FlowStyle
	out, err := yaml.Marshal(&flow)
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(out))
}

// HasDefault says that a value need not be given.
func (v *Variable) HasDefault() bool { return v.Default.Kind != 0 }
