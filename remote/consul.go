package remote

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5" //nolint:gosec // the binary's own sum of what it stored
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// consul keeps states in the key-value store of Consul.
type consul struct{ c *Connections }

func (consul) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, none, consulBoolean), nil
}

func consulBoolean(key string) bool { return key == "gzip" || key == "lock" }

// consulPath is the key of the state.
func consulPath(s Settings) string {
	path := s.text("path")
	if s.workspace() != "default" {
		path += "-env:" + s.workspace()
	}
	return path
}

// State reads the state's key, and where that only lists its pieces, those.
func (c consul) State(ctx context.Context, s Settings) (*State, error) {
	s = c.c.sharing(s)
	where := "consul key " + consulPath(s)
	client, err := consulClientOf(s)
	if err != nil {
		return nil, unasked(where, err)
	}
	text, err := client.state(ctx, consulPath(s))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, errNotFound):
		return nil, fmt.Errorf("%s: %w", where, ErrNoState)
	case err != nil:
		return nil, unasked(where, err)
	}
	return parsed(where, text)
}

func (c *consulClient) state(ctx context.Context, path string) ([]byte, error) {
	pair, err := c.get(ctx, path)
	if err != nil {
		return nil, err
	}
	var index struct {
		Sum    string   `json:"current-hash"`
		Chunks []string `json:"chunks"`
	}
	text := pair.Value
	if json.Unmarshal(text, &index) == nil && index.Sum != "" {
		text = nil
		for _, key := range index.Chunks {
			chunk, err := c.get(ctx, key)
			if errors.Is(err, errNotFound) {
				return nil, fmt.Errorf("a piece of the state is not there: %s", key)
			}
			if err != nil {
				return nil, err
			}
			text = append(text, chunk.Value...)
		}
	}
	if text, err = unzipped(text); err != nil {
		return nil, err
	}
	sum := md5.Sum(text) //nolint:gosec // see above
	if index.Sum != "" && index.Sum != hex.EncodeToString(sum[:]) {
		return nil, errors.New("the pieces of the state do not belong together")
	}
	return text, nil
}

// unzipped undoes gzip where its mark is seen.
func unzipped(text []byte) ([]byte, error) {
	if !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		return text, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return readAll(r)
}

// Lock reads what the holder wrote beside the state. It counts while a session
// holds the lock's key: of a holder that died the note may stay.
func (c consul) Lock(ctx context.Context, s Settings) (*Lock, error) {
	s = c.c.sharing(s)
	client, err := consulClientOf(s)
	if err != nil {
		return nil, err
	}
	path := strings.TrimRight(consulPath(s), "/")
	held, err := client.get(ctx, path+"/.lock")
	if errors.Is(err, errNotFound) || err == nil && held.Session == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l := Lock{ID: held.Session}
	note, err := client.get(ctx, path+"/.lockinfo")
	if errors.Is(err, errNotFound) {
		return &l, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(note.Value, &l); err != nil {
		return nil, fmt.Errorf("the lock of %s cannot be read: %w", path, err)
	}
	return &l, nil
}

// List gives the states in the folder that the state's key lies in.
func (c consul) List(ctx context.Context, s Settings) ([]Location, error) {
	s = c.c.sharing(s)
	client, err := consulClientOf(s)
	if err != nil {
		return nil, err
	}
	path := s.text("path")
	keys, err := client.keys(ctx, path[:strings.LastIndex(path, "/")+1])
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(keys)
	var found []Location
	for _, key := range keys {
		if strings.HasSuffix(key, "/.lock") || strings.HasSuffix(key, "/.lockinfo") || strings.HasSuffix(key, "/") || strings.Contains(key, "/tfstate.") {
			continue
		}
		name, workspace, _ := strings.Cut(key, "-env:")
		found = append(found, Location{Key: name, Workspace: workspace})
	}
	return found, nil
}
