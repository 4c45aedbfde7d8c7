package remote

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/terrace-iac/terrace/test/parts"
)

// with makes settings for a server, with more variables.
func with(server *parts.Server, backend string, config map[string]any, more ...string) Settings {
	s := Settings{Backend: backend, Config: config, clients: &clientCache{}, Env: more}
	for name, value := range server.Env {
		s.Env = append(s.Env, name+"="+value)
	}
	return s
}

// noting approves every change and notes it.
func noting(changes *[]Change) Approve {
	return func(c Change) (bool, error) {
		*changes = append(*changes, c)
		return true, nil
	}
}

// keepsStates is what a backend with storage must do once its container is
// there: put stores a state where the settings say.
func keepsStates(t *testing.T, s Settings, put func(s Settings, text string)) {
	t.Helper()
	ctx := context.Background()
	backend := For(s.Backend)
	if _, err := backend.State(ctx, s); !errors.Is(err, ErrNoState) {
		t.Errorf("no state: got %v", err)
	}
	put(s, storedState)
	if state, err := backend.State(ctx, s); err != nil || state.Serial != 7 {
		t.Errorf("got %+v %v", state, err)
	}
	put(s, `{"encrypted_data": "eA=="}`)
	if _, err := backend.State(ctx, s); !errors.Is(err, ErrUnreadable) {
		t.Errorf("encrypted: got %v", err)
	}
	put(s, storedState)
	dev := s
	dev.Workspace = "dev"
	put(dev, strings.Replace(storedState, `"serial": 7`, `"serial": 8`, 1))
	if state, err := backend.State(ctx, dev); err != nil || state.Serial != 8 {
		t.Errorf("workspace: got %+v %v", state, err)
	}
	if l, err := LockOf(ctx, s); l != nil || err != nil {
		t.Errorf("nobody holds the lock: got %+v %v", l, err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := backend.State(stopped, s); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// spellsOut gives locations as key[workspace], for comparing.
func spellsOut(found []Location) string {
	var texts []string
	for _, l := range found {
		texts = append(texts, l.Key+"["+l.Workspace+"]")
	}
	return strings.Join(texts, " ")
}

// managesStates is what a Storage must do with states that are there: those of
// s and of its workspace dev.
func managesStates(t *testing.T, s, elsewhere Settings, put func(s Settings, text string)) {
	t.Helper()
	ctx := context.Background()
	storage, ok := StorageOf(s.Backend)
	if !ok {
		t.Fatal("no storage")
	}
	var asked []Change
	if _, err := storage.Move(ctx, s, elsewhere, func(Change) (bool, error) { return false, nil }); !errors.Is(err, ErrRefused) {
		t.Errorf("refused: got %v", err)
	}
	if done, err := storage.Move(ctx, s, elsewhere, noting(&asked)); err != nil || len(done) != 1 || len(asked) != 1 || done[0].Action != "move" {
		t.Fatalf("move: got %v %v", done, err)
	}
	if state, err := storage.State(ctx, elsewhere); err != nil || state.Serial != 7 {
		t.Errorf("moved: got %+v %v", state, err)
	}
	if _, err := storage.State(ctx, s); !errors.Is(err, ErrNoState) {
		t.Errorf("moved away: got %v", err)
	}
	for _, place := range []Settings{s, elsewhere} {
		if l, err := LockOf(ctx, place); l != nil || err != nil {
			t.Errorf("left a lock: %+v %v", l, err)
		}
	}
	if _, err := storage.Move(ctx, s, elsewhere, nil); !errors.Is(err, ErrNoState) {
		t.Errorf("nothing to move: got %v", err)
	}
	put(s, storedState)
	if _, err := storage.Move(ctx, s, elsewhere, nil); !errors.Is(err, ErrStateExists) {
		t.Errorf("something to lose: got %v", err)
	}
	if _, err := storage.Delete(ctx, s, func(Change) (bool, error) { return false, nil }); !errors.Is(err, ErrRefused) {
		t.Errorf("refused: got %v", err)
	}
	if done, err := storage.Delete(ctx, s, noting(&asked)); err != nil || len(done) != 1 || len(asked) != 2 {
		t.Errorf("delete: got %v %v", done, err)
	}
	if done, err := storage.Delete(ctx, s, noting(&asked)); err != nil || len(done) != 0 || len(asked) != 2 {
		t.Errorf("delete again: got %v %v", done, err)
	}
	dev := s
	dev.Workspace = "dev"
	if _, err := storage.State(ctx, dev); err != nil {
		t.Errorf("the state of another workspace is gone: %v", err)
	}
}

// rerouted sends every request to a server of the test's, which sees the name
// of the host that was meant.
type rerouted struct{ to string }

func (r rerouted) RoundTrip(req *http.Request) (*http.Response, error) {
	u, err := url.Parse(r.to)
	if err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	out.Host = req.URL.Host
	out.URL.Scheme, out.URL.Host = u.Scheme, u.Host
	return http.DefaultTransport.RoundTrip(out)
}

// notFound is a network without the names that are asked for.
type notFound struct{}

func (notFound) RoundTrip(req *http.Request) (*http.Response, error) {
	return nil, &net.DNSError{Err: "no such host", Name: req.URL.Host, IsNotFound: true}
}

// anew gives settings that share nothing with what was done before.
func anew(s Settings) Settings {
	s.clients = &clientCache{transport: s.clients.transport}
	return s
}

// bootstrapsOnce has many units ask for a place that one has to make.
func bootstrapsOnce(t *testing.T, s Settings) {
	t.Helper()
	storage, _ := StorageOf(s.Backend)
	var asked atomic.Int32
	var units sync.WaitGroup
	for range 8 {
		units.Go(func() {
			_, err := storage.Bootstrap(context.Background(), s, func(Change) (bool, error) { asked.Add(1); return true, nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
	units.Wait()
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}
