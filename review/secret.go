package review

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// hidden starts the text that stands for a sensitive value. A keyed digest
// follows: two equal values of one set of plans have equal texts, and nobody
// without the key can try values out.
const hidden = "(sensitive) hmac-sha256:"

// shortest is the length from which a text that holds a sensitive one is
// hidden too. Shorter ones turn up everywhere by chance: those are hidden only
// where they are the whole text.
const shortest = 4

// Redact puts keyed digests in place of all sensitive values of a plan, given
// in the JSON form of the binary: where the plan marks them, and wherever else
// the same text turns up. What was redacted before stays as it is.
//
// What is hidden in one plan is hidden in those redacted after it with the same
// secrets too: outputs of one unit are inputs of the next, which may not know
// that they are secret. secrets may be nil.
func Redact(plan, key []byte, secrets *Secrets) ([]byte, error) {
	doc, err := decode(plan)
	if err != nil {
		return nil, err
	}
	if secrets == nil {
		secrets = NewSecrets()
	}
	secrets.mu.Lock()
	defer secrets.mu.Unlock()
	redactDoc(doc, key, secrets)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err = enc.Encode(doc)
	return out.Bytes(), err
}

func decode(plan []byte) (map[string]any, error) {
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(plan))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("plan: not JSON: %w", err)
	}
	if _, ok := doc["format_version"].(string); !ok {
		return nil, fmt.Errorf("plan: not a plan: it has no format_version")
	}
	return doc, nil
}

func decodeValue(text string) (any, error) {
	var v any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	err := dec.Decode(&v)
	return v, err
}

// Secrets are what was found to be sensitive so far. They may be used from
// several goroutines at once.
type Secrets struct {
	mu      sync.Mutex
	texts   map[string]bool
	digests map[string]bool // of texts that are not known themselves
}

// NewSecrets makes an empty set.
func NewSecrets() *Secrets {
	return &Secrets{texts: map[string]bool{}, digests: map[string]bool{}}
}

// Learn takes over what a plan that was redacted before has hidden.
func (s *Secrets) Learn(redacted []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for rest := string(redacted); ; {
		_, after, ok := strings.Cut(rest, hidden)
		if !ok {
			return
		}
		if len(after) >= sha256.Size*2 {
			s.digests[after[:sha256.Size*2]] = true
		}
		rest = after
	}
}

// redactor hides values and remembers their texts.
type redactor struct {
	key []byte
	*Secrets
}

func redactDoc(doc map[string]any, key []byte, secrets *Secrets) {
	r := &redactor{key, secrets}
	for _, name := range []string{"resource_changes", "resource_drift"} {
		for _, item := range list(doc[name]) {
			r.change(object(object(item)["change"]))
		}
	}
	for _, item := range object(doc["output_changes"]) {
		r.change(object(item))
	}
	r.values(object(doc["planned_values"]))
	r.values(object(object(doc["prior_state"])["values"]))
	r.variables(doc)
	r.copies(doc)
}

// change hides the two sides of a change. The masks hold for both: what was a
// secret before does not cease to be one.
func (r *redactor) change(c map[string]any) {
	for _, side := range []string{"before", "after"} {
		for _, mask := range []string{side + "_sensitive", "before_sensitive", "after_sensitive"} {
			if v, ok := c[side]; ok {
				c[side] = r.hide(v, c[mask])
			}
		}
	}
	delete(c, "generated_config") // source text, in which masks do not apply
}

func (r *redactor) values(values map[string]any) {
	for _, item := range object(values["outputs"]) {
		if o := object(item); o["sensitive"] == true {
			o["value"] = r.hide(o["value"], true)
		}
	}
	r.module(object(values["root_module"]))
}

func (r *redactor) module(m map[string]any) {
	for _, item := range list(m["resources"]) {
		res := object(item)
		res["values"] = r.hide(res["values"], res["sensitive_values"])
	}
	for _, child := range list(m["child_modules"]) {
		r.module(object(child))
	}
}

func (r *redactor) variables(doc map[string]any) {
	declared := object(object(object(doc["configuration"])["root_module"])["variables"])
	for name, item := range object(doc["variables"]) {
		if object(declared[name])["sensitive"] == true {
			v := object(item)
			v["value"] = r.hide(v["value"], true)
		}
	}
}

// hide gives the value with what the mask covers replaced.
func (r *redactor) hide(v, mask any) any {
	switch m := mask.(type) {
	case bool:
		if m {
			return r.digest(v)
		}
	case map[string]any:
		if o, ok := v.(map[string]any); ok {
			for key, inner := range m {
				if have, ok := o[key]; ok {
					o[key] = r.hide(have, inner)
				}
			}
		}
	case []any:
		if l, ok := v.([]any); ok {
			for i := range min(len(l), len(m)) {
				l[i] = r.hide(l[i], m[i])
			}
		}
	}
	return v
}

func (r *redactor) digest(v any) any {
	if text, ok := v.(string); v == nil || ok && isHidden(text) {
		return v
	}
	r.remember(v)
	b, err := json.Marshal(v)
	if err != nil {
		return hidden
	}
	h := hmac.New(sha256.New, r.key)
	h.Write(b)
	return hidden + hex.EncodeToString(h.Sum(nil))
}

func (r *redactor) remember(v any) {
	switch v := v.(type) {
	case string:
		if len(v) > 1 {
			r.texts[v] = true
		}
	case map[string]any:
		for _, inner := range v {
			r.remember(inner)
		}
	case []any:
		for _, inner := range v {
			r.remember(inner)
		}
	}
}

// copies hides the texts that were hidden somewhere wherever they turn up:
// providers pass values on to attributes that nobody marks.
func (r *redactor) copies(doc map[string]any) {
	secrets := slices.SortedFunc(maps.Keys(r.texts), func(a, b string) int { return len(b) - len(a) })
	if len(secrets)+len(r.digests) == 0 {
		return
	}
	for _, name := range []string{"resource_changes", "resource_drift", "output_changes", "planned_values", "prior_state", "variables", "configuration", "checks", "relevant_attributes"} {
		if v, ok := doc[name]; ok {
			doc[name] = r.withoutCopies(v, secrets, false)
		}
	}
}

// inside says that v is of a value, where every key is the provider's.
func (r *redactor) withoutCopies(v any, secrets []string, inside bool) any {
	switch v := v.(type) {
	case string:
		if !isHidden(v) && (holdsSecret(v, secrets) || len(r.digests) > 0 && r.digests[Digest(r.key, v)]) {
			return r.digest(v)
		}
	case map[string]any:
		for key, inner := range v {
			if inside || !structural(key) {
				v[key] = r.withoutCopies(inner, secrets, inside || holdsValue(key))
			}
		}
	case []any:
		for i, inner := range v {
			v[i] = r.withoutCopies(inner, secrets, inside)
		}
	}
	return v
}

func holdsSecret(text string, secrets []string) bool {
	return slices.ContainsFunc(secrets, func(s string) bool { return text == s || len(s) >= shortest && strings.Contains(text, s) })
}

// structural keys hold what the model needs to know objects by.
func structural(key string) bool {
	switch key {
	case "address", "previous_address", "actions", "mode", "type", "provider_name", "action_reason", "replace_paths", "module_address":
		return true
	}
	return false
}

func holdsValue(key string) bool {
	switch key {
	case "before", "after", "value", "values", "constant_value":
		return true
	}
	return false
}

func isHidden(text string) bool { return strings.HasPrefix(text, hidden) }

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// Digest is what stands for a value in keyed comparisons: the same that Redact
// puts in its place, without the mark.
func Digest(key []byte, v any) string {
	r := &redactor{key, NewSecrets()}
	text, _ := r.digest(v).(string)
	return strings.TrimPrefix(text, hidden)
}
