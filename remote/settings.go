package remote

import (
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// variable is a variable of the binary's environment, "" where it is not set.
func (s Settings) variable(name string) string {
	for i := len(s.Env) - 1; i >= 0; i-- {
		if text, ok := strings.CutPrefix(s.Env[i], name+"="); ok {
			return text
		}
	}
	return ""
}

// text is a setting, or the first of the variables that stand for it.
func (s Settings) text(key string, variables ...string) string {
	switch v := s.Config[key].(type) {
	case nil:
	case string:
		if v != "" {
			return v
		}
	case bool, int, int64, uint64, float64, json.Number:
		return fmt.Sprint(v)
	case *big.Float:
		return v.Text('f', -1)
	}
	for _, name := range variables {
		if text := s.variable(name); text != "" {
			return text
		}
	}
	return ""
}

// flag is a boolean setting that is false where nothing says otherwise.
func (s Settings) flag(key string, variables ...string) bool {
	on, err := strconv.ParseBool(s.text(key, variables...))
	return err == nil && on
}

// number is a whole number, or the preset one where there is none.
func (s Settings) number(key string, preset int) int {
	n, err := strconv.Atoi(s.text(key))
	if err != nil {
		return preset
	}
	return n
}

// strings is a list of texts.
func (s Settings) strings(key string) []string {
	list, _ := s.Config[key].([]any)
	var texts []string
	for _, v := range list {
		if text, ok := v.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// texts is a map of texts, such as tags and labels.
func (s Settings) texts(key string) map[string]string {
	m, _ := s.Config[key].(map[string]any)
	texts := map[string]string{}
	for name := range m {
		texts[name] = Settings{Config: m}.text(name)
	}
	return texts
}

// workspace is the workspace's name, with the default one spelled out.
func (s Settings) workspace() string { return or(s.Workspace, "default") }

// file is a path as the binary finds it: from its folder, or in the user's.
func (s Settings) file(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(or(s.variable("HOME"), s.variable("USERPROFILE")), rest)
	}
	if !filepath.IsAbs(path) {
		return filepath.Join(s.WorkDir, path)
	}
	return path
}

// contents is a setting that is either a text or the path of a file with it.
func (s Settings) contents(v string) string {
	if v == "" {
		return ""
	}
	if b, err := os.ReadFile(s.file(v)); err == nil {
		return string(b)
	}
	return v
}

// readAll reads an answer, unless it is larger than what we care to hold.
func readAll(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, httpLimit+1))
	if err == nil && len(b) > httpLimit {
		return nil, fmt.Errorf("the answer is larger than %d MB", httpLimit>>20)
	}
	return b, err
}

// parsed reads a stored state and says in errors where it lies.
func parsed(where string, b []byte) (*State, error) {
	state, err := ParseState(b)
	if err != nil {
		return nil, located(where, err)
	}
	return state, nil
}

// unasked is the answer where a service could not be asked: the binary tries
// again, and explains itself.
func unasked(where string, err error) error {
	return &UnreadableError{Where: where, Reason: "cannot be read", Err: err}
}
