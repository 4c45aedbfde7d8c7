package remote

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// wholePlace notes that a container of states was found to be there.
type wholePlace struct {
	mu   sync.Mutex // held while it is looked at: others that want to know wait
	done bool
}

// Absent names the first thing that Bootstrap would have to create, "" where
// all is there. What was found there is not looked at again, in however many
// units it is named: nothing in a run takes it away. An absence and a failure
// are not remembered.
func (c *Connections) Absent(ctx context.Context, storage Storage, s Settings) (string, error) {
	s = c.sharing(s)
	parts, err := containerParts(s)
	if err != nil {
		return "", err
	}
	whole, err := sharedClient(s, parts, func(http.RoundTripper) (*wholePlace, error) { return &wholePlace{}, nil })
	if err != nil {
		return "", err
	}
	whole.mu.Lock()
	defer whole.mu.Unlock()
	if whole.done {
		return "", nil
	}
	missing, err := storage.Missing(ctx, s)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(missing, func(m Change) bool { return m.Action == "create" }); i >= 0 {
		return missing[i].Object, nil
	}
	whole.done = true
	return "", nil
}

// containerParts are the settings without those that name a state in its
// container, and the variables that tell who asks and where.
func containerParts(s Settings) ([]string, error) {
	config := maps.Clone(s.Config)
	for _, own := range []string{"key", "prefix", "workspace_key_prefix"} {
		delete(config, own)
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	parts := []string{"absent", string(text)}
	for _, pair := range s.Env {
		for _, of := range []string{"AWS_", "ARM_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "HOME="} {
			if strings.HasPrefix(pair, of) {
				parts = append(parts, pair)
				break
			}
		}
	}
	slices.Sort(parts[2:])
	return parts, nil
}
