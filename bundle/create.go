package bundle

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/review"
)

// DefaultLife is how long a bundle may be applied unless it says otherwise.
const DefaultLife = 24 * time.Hour

// CreateOptions say what bundle is made.
type CreateOptions struct {
	Dir         string // absolute; must be empty or not be there
	Environment Environment
	Life        time.Duration // 0 for DefaultLife
	EncryptTo   []age.Recipient
	Creator     Identity
	Since       string // commit of the environment's bundle before; "" for the one that is recorded
}

// creation is a bundle in the making.
type creation struct {
	*Engine
	opts  CreateOptions
	graph *configstack.Graph
	out   folder
	secrecy

	mu   sync.Mutex // guards made
	made map[string]*madeUnit
}

// madeUnit is what later units need to know of one.
type madeUnit struct {
	unit  Unit
	model review.Unit
	open  bool // some of its outputs are not known before the apply
}

// Create plans the units of a graph, which must be of the engine's Plans, and
// writes a bundle. What upstream's plan knows of its outputs is what the units
// behind it are planned with. Nothing is left behind if a unit cannot be
// planned.
func Create(ctx context.Context, e *Engine, g *configstack.Graph, o CreateOptions) (_ *Bundle, err error) {
	if err := emptyOrAbsent(o.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(o.Dir), 0o755); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(o.Dir), ".terrace-bundle-") // 0700
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(tmp) // nothing of it is of use
		}
	}()
	c := &creation{Engine: e, opts: o, graph: g, out: folder{dir: tmp, to: o.EncryptTo}, made: map[string]*madeUnit{}}
	c.secrecy = secrecy{key: make([]byte, 32), secrets: review.NewSecrets()}
	if _, err := rand.Read(c.key); err != nil {
		return nil, err
	}
	if err := c.planAll(ctx); err != nil {
		return nil, err
	}
	if err := c.finish(ctx); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(o.Dir); err != nil { // it is empty
		return nil, err
	}
	if err := os.Rename(tmp, o.Dir); err != nil {
		return nil, err
	}
	return Open(o.Dir, nil)
}

func (c *creation) planAll(ctx context.Context) error {
	defer func() {
		for _, u := range c.graph.Order() {
			c.Runner.ForgetOutputs(u.Dir())
		}
	}()
	byUnit := map[*config.Unit]*configstack.Unit{}
	wave := map[*config.Unit]int{}
	for i, level := range c.graph.Levels() {
		for _, u := range level {
			byUnit[u.Unit], wave[u.Unit] = u, i+1
		}
	}
	results := configstack.Run(ctx, c.graph, configstack.Policy{Parallelism: c.Parallelism}, func(ctx context.Context, u *config.Unit) (struct{}, error) {
		return struct{}{}, c.one(ctx, byUnit[u], wave[u])
	})
	var errs []error
	for _, r := range results {
		if r.State == configstack.Failed {
			errs = append(errs, &configstack.UnitError{Unit: r.Unit.Dir(), Err: r.Err})
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// one plans a unit, or finds that this has to wait.
func (c *creation) one(ctx context.Context, u *configstack.Unit, wave int) error {
	path, err := c.path(u.Dir())
	if err != nil {
		return err
	}
	s, err := c.surround(ctx, u.Unit)
	if err != nil {
		return err
	}
	m := &madeUnit{unit: Unit{
		Path: path, WorkDir: s.prepared.WorkDir, Content: s.content, Source: s.prepared.Shown, Revision: s.prepared.Revision,
		Binary: s.binary, Wave: wave, Status: Planned, Providers: map[string]string{}, Artefacts: []Artefact{}, Mocked: []Mocked{},
	}}
	above := c.above(u)
	m.unit.Mocked = append(m.unit.Mocked, above.mocked...)
	if above.why != "" {
		m.unit.Status, m.unit.Why = Tainted, above.why
	}
	later, err := c.mustWait(ctx, u.Unit, above)
	if err != nil {
		return err
	}
	if later != "" {
		m.unit.Status, m.unit.Why, m.open = Deferred, later, true
		m.model = review.Unit{Path: path, Changes: []review.Change{}, Outputs: []review.Output{}}
		m.unit.Artefacts, err = c.contentOnly(path, s.list)
	} else {
		err = c.plan(ctx, u.Unit, m, s)
	}
	if err == nil {
		m.unit.State, err = c.mark(ctx, u.Unit)
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[u.Dir()] = m
	c.tell(path, "%s: %s", m.unit.Status, m.unit.Counts)
	return nil
}

func (c *creation) contentOnly(path string, list []byte) ([]Artefact, error) {
	a, err := c.out.put("units/"+path+"/content.txt", list, false)
	return []Artefact{a}, err
}

// ancestry is what a unit has to know of those that it depends on.
type ancestry struct {
	why    string // what taints the unit; "" for nothing
	open   bool   // some outputs are not known before an apply
	mocked []Mocked
}

func (c *creation) above(u *configstack.Unit) ancestry {
	c.mu.Lock()
	defer c.mu.Unlock()
	var a ancestry
	var changed []string
	for _, d := range c.graph.AllDependencies(u) {
		m := c.made[d.Dir()]
		if m == nil {
			continue
		}
		if m.unit.Changes || m.unit.Status == Deferred {
			changed = append(changed, m.unit.Path)
		}
		a.open = a.open || m.open
		a.mocked = append(a.mocked, m.unit.Mocked...)
	}
	if len(changed) > 0 {
		a.why = "depends on changes of " + strings.Join(changed, ", ")
	}
	return a
}

// mustWait evaluates a unit and says why it cannot be planned yet, "" if it
// can.
func (c *creation) mustWait(ctx context.Context, u *config.Unit, above ancestry) (string, error) {
	cfg, err := u.Config(ctx)
	var missing *config.NoOutputsError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &missing) && above.why != "":
		return "no outputs and no mocks of " + c.shown(filepath.Dir(missing.Dependency)), nil
	case err != nil && above.open:
		return "it takes outputs that are not known before an apply, and no mocks stand in for them", nil
	case err != nil:
		return "", err
	}
	for name, v := range cfg.Inputs {
		if !v.IsWhollyKnown() {
			return fmt.Sprintf("the input %s takes outputs that are not known before an apply, and no mocks stand in for them", name), nil
		}
	}
	return "", nil
}

func (c *creation) shown(dir string) string {
	if path, err := c.path(dir); err == nil {
		return path
	}
	return dir
}

func (c *creation) plan(ctx context.Context, u *config.Unit, m *madeUnit, s surroundings) error {
	mocked, err := u.Mocked(ctx)
	if err != nil {
		return err
	}
	for _, leaf := range mocked {
		d, err := c.digestOf(leaf.Value)
		if err != nil {
			return err
		}
		m.unit.Mocked = append(m.unit.Mocked, Mocked{Dependency: leaf.Dependency, Path: leaf.Path, Digest: d})
	}
	if len(mocked) > 0 && m.unit.Status == Planned {
		m.unit.Status, m.unit.Why = Tainted, "planned with mocks"
	}
	m.unit.Mocked = uniqueMocks(m.unit.Mocked)
	p, err := c.propose(ctx, u, m.unit.Path, c.secrecy)
	if err != nil {
		return mockedFailure(err, m.unit.Mocked)
	}
	if err := p.put(c.out, &m.unit, s.list); err != nil {
		return err
	}
	m.model = p.model
	outputs, changes, err := plannedOutputs(p.raw)
	if err != nil {
		return err
	}
	if changes {
		c.Runner.PlannedOutputs(u.Dir(), outputs)
		m.open = !outputs.IsWhollyKnown()
	}
	return nil
}

func uniqueMocks(list []Mocked) []Mocked {
	slices.SortFunc(list, func(a, b Mocked) int {
		return cmp.Or(cmp.Compare(a.Dependency, b.Dependency), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Digest, b.Digest))
	})
	return slices.Compact(list)
}

// digestOf is the keyed digest of a value, as a plan in JSON would hold it.
func (s secrecy) digestOf(v cty.Value) (string, error) {
	v, _ = v.UnmarkDeep()
	b, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return "", err
	}
	var plain any
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	if err := dec.Decode(&plain); err != nil {
		return "", err
	}
	return review.Digest(s.key, plain), nil
}

// finish writes what is not of one unit: the key, the pages, the manifest and
// the creator's signature.
func (c *creation) finish(ctx context.Context) error {
	now := c.Now().UTC().Truncate(time.Second)
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		return err
	}
	m := &Manifest{
		Format: Format, ID: hex.EncodeToString(id), Created: now, Expires: now.Add(cmp.Or(c.opts.Life, DefaultLife)),
		Environment: c.opts.Environment.Name, Creator: c.opts.Creator.Person, Tool: c.Tool, Encrypted: len(c.out.to) > 0, EncryptedTo: names(c.out.to), Pages: []Artefact{},
	}
	if err := c.history(ctx, m); err != nil {
		return err
	}
	var models []review.Unit
	for _, u := range c.graph.Order() {
		made := c.made[u.Dir()]
		m.Units = append(m.Units, made.unit)
		models = append(models, made.model)
	}
	key, err := c.out.put("key", []byte(hex.EncodeToString(c.key)), true)
	if err != nil {
		return err
	}
	m.Pages = append(m.Pages, key)
	return seal(c.out, m, models, c.opts.Creator)
}

// history notes where in the history the bundle stands.
func (c *creation) history(ctx context.Context, m *Manifest) error {
	if c.Repo == nil {
		return nil
	}
	var err error
	if m.Commit, _, err = c.Repo.Head(ctx); err != nil {
		return err
	}
	if m.Repository, err = c.Repo.RemoteURL(ctx, ""); err != nil {
		return err
	}
	since := c.opts.Since
	if since == "" && m.Environment != "" {
		since = appliedRef(m.Environment)
	}
	if since == "" {
		return nil
	}
	m.Since, err = c.Repo.Resolve(ctx, since)
	if err == nil && m.Since == "" && c.opts.Since != "" {
		err = fmt.Errorf("--since %s: no such commit here", c.opts.Since)
	}
	return err
}

// seal writes the pages, the manifest and its creator's signature.
func seal(f folder, m *Manifest, models []review.Unit, creator Identity) error {
	r := Review(m, models)
	var page, text strings.Builder
	if err := errors.Join(r.WriteJSON(&page), r.WriteText(&text)); err != nil {
		return err
	}
	for name, content := range map[string]string{"review.json": page.String(), "review.txt": text.String()} {
		a, err := f.put(name, []byte(content), false)
		if err != nil {
			return err
		}
		m.Pages = append(m.Pages, a)
	}
	slices.SortFunc(m.Pages, func(a, b Artefact) int { return cmp.Compare(a.Name, b.Name) })
	if creator.Signer != nil {
		m.Creator.Key = fingerprint(creator.Signer)
	}
	b, err := m.encode()
	if err != nil {
		return err
	}
	if _, err := f.put(".gitignore", []byte("*\n"), false); err != nil {
		return err
	}
	if _, err := f.put(ManifestName, b, false); err != nil {
		return err
	}
	if creator.Signer == nil {
		return nil
	}
	sig, err := Sign(creator.Signer, b)
	if err != nil {
		return err
	}
	_, err = f.put("creator.sig", sig, false)
	return err
}

// Review is the page on a manifest's units.
func Review(m *Manifest, models []review.Unit) *review.Review {
	r := &review.Review{Title: cmp.Or(m.Environment, "bundle "+m.ID)}
	if m.Round > 0 {
		r.Title += fmt.Sprintf(", round %d", m.Round)
	}
	if m.Commit != "" {
		r.Notes = append(r.Notes, "commit "+m.Commit)
	}
	if m.Since != "" {
		r.Notes = append(r.Notes, "since "+m.Since)
	}
	r.Notes = append(r.Notes, "made by "+strings.TrimSpace(m.Creator.Name+" "+m.Creator.Email)+" at "+m.Created.Format(time.RFC3339)+", expires "+m.Expires.Format(time.RFC3339))
	for i, u := range m.Units {
		model := models[i]
		model.Wave, model.Status, model.Note = u.Wave, string(u.Status), u.Why
		for _, mock := range u.Mocked {
			model.Mocked = append(model.Mocked, mock.String())
		}
		r.Units = append(r.Units, model)
	}
	return r
}
