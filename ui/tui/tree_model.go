package tui

import (
	"context"
	"os/exec"
	"path"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Services is what the tree asks for. Its methods may be called from several
// goroutines.
type Services interface {
	// Configuration gives the evaluated configuration of a unit, for reading.
	Configuration(ctx context.Context, path string) (string, error)
	// Results gives how units ended last, by path.
	Results() map[string]Result
	// Plan makes the command that plans the units. It gets the terminal.
	Plan(paths []string) *exec.Cmd
}

// Tree shows components and the folders around them until somebody leaves.
// Title is the folder that they are in.
func (s Screen) Tree(ctx context.Context, title string, components []Component, services Services) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // what is still being evaluated is not waited for
	last, err := s.run(ctx, newTreeView(ctx, title, components, services), nil)
	if err != nil {
		return err
	}
	if last.(*treeView).interrupted {
		return ErrInterrupted
	}
	return nil
}

// treeView is a tree on the screen. Only Update changes it.
type treeView struct {
	ctx           context.Context // of the evaluations that it asks for; the framework hands none down
	services      Services
	title         string
	look          look
	tree          *tree
	results       map[string]Result
	width, height int

	place
	marked      map[string]bool
	texts       map[string]configuration // by path, for as long as the screen is shown
	reading     bool                     // the keys scroll the details
	scroll      int                      // of the details
	message     string                   // for one key
	interrupted bool
}

// place is where in the tree one is.
type place struct {
	dir      string         // the folder whose rows are shown
	cursor   map[string]int // the row, by folder and list
	list     *treeList      // nil while folders are shown
	typing   bool           // the keys go to the filter
	searched string         // the filter that n and N look for
}

// treeList is a choice of components instead of folders.
type treeList struct {
	what   string // such as "what dev/app needs"; "" for all components
	paths  []string
	filter input
	rows   []row // that the filter leaves
}

// configuration is a unit's, once it was asked for.
type configuration struct {
	text string
	err  error
	done bool
}

func newTreeView(ctx context.Context, title string, components []Component, s Services) *treeView {
	return &treeView{
		ctx: ctx, services: s, title: title, look: newLook(), tree: newTree(components), results: s.Results(),
		place: place{dir: ".", cursor: map[string]int{}}, marked: map[string]bool{}, texts: map[string]configuration{}, width: 80, height: 24,
	}
}

// Init asks for the first unit's configuration.
func (v *treeView) Init() tea.Cmd { return v.ask() }

type (
	// settledMsg says that the cursor has had time to move on from a unit.
	settledMsg struct{ path string }
	// evaluatedMsg brings a configuration that was asked for.
	evaluatedMsg struct {
		path string
		configuration
	}
	// plannedMsg says that the command has ended.
	plannedMsg struct{ err error }
)

// Update changes what is shown.
func (v *treeView) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		v.width, v.height = msg.Width, msg.Height
	case settledMsg:
		return v, v.evaluate(msg.path)
	case evaluatedMsg:
		v.texts[msg.path] = msg.configuration
	case plannedMsg:
		v.results = v.services.Results()
		if msg.err != nil {
			v.message = msg.err.Error()
		}
	case tea.PasteMsg:
		if v.typing {
			v.list.filter.insert(msg.Content)
			v.narrow()
		}
		return v, v.ask()
	case tea.KeyPressMsg:
		v.message = ""
		if v.typing {
			return v, v.typed(msg)
		}
		return v, v.pressed(msg)
	}
	return v, nil
}

// name is that of the list that is shown, for the row that was chosen in it.
func (v *treeView) name() string {
	if v.list == nil {
		return "/" + v.dir
	}
	return v.list.what + "?" + v.list.filter.String()
}

func (v *treeView) rows() []row {
	if v.list == nil {
		return v.tree.children[v.dir]
	}
	return v.list.rows
}

// chosen is the row under the cursor.
func (v *treeView) chosen() (row, bool) {
	rows := v.rows()
	if len(rows) == 0 {
		return row{}, false
	}
	return rows[v.at()], true
}

func (v *treeView) at() int { return max(0, min(v.cursor[v.name()], len(v.rows())-1)) }

// move brings the cursor to a row, or to the nearest that there is.
func (v *treeView) move(to int) {
	v.cursor[v.name()] = max(0, min(to, len(v.rows())-1))
	v.scroll = 0
}

// settling is how long the cursor stays on a unit before it is evaluated, so
// that going through many rows does not evaluate all of them.
const settling = 50 * time.Millisecond

// ask has the unit under the cursor evaluated, the first time, if it is still
// under the cursor in a moment.
func (v *treeView) ask() tea.Cmd {
	r, ok := v.chosen()
	if !ok || r.component == nil || r.component.Kind != "unit" || r.component.Problem != "" {
		return nil
	}
	if _, asked := v.texts[r.path]; asked {
		return nil
	}
	return tea.Tick(settling, func(time.Time) tea.Msg { return settledMsg{r.path} })
}

func (v *treeView) evaluate(unit string) tea.Cmd {
	_, asked := v.texts[unit]
	if r, ok := v.chosen(); asked || !ok || r.path != unit {
		return nil
	}
	v.texts[unit] = configuration{}
	return func() tea.Msg {
		text, err := v.services.Configuration(v.ctx, unit)
		return evaluatedMsg{unit, configuration{text, err, true}}
	}
}

// narrow applies the filter and goes to the first row that it leaves.
func (v *treeView) narrow() {
	v.searched = v.list.filter.String()
	v.list.rows = v.tree.flat(v.list.paths, v.searched)
	v.move(0)
}

// show replaces the rows by a list of components.
func (v *treeView) show(what string, paths []string) {
	v.list = &treeList{what: what, paths: paths, rows: v.tree.flat(paths, "")}
	v.move(0)
}

// leave goes back to the folders, to the component that was chosen.
func (v *treeView) leave() {
	r, ok := v.chosen()
	v.list, v.typing = nil, false
	if ok {
		v.reveal(r.path)
	}
}

// reveal shows a component in its folder.
func (v *treeView) reveal(p string) {
	v.dir = path.Dir(p)
	v.move(slices.IndexFunc(v.rows(), func(r row) bool { return r.path == p }))
}

// search goes to the next component that the last filter finds, or to the
// one before, by path and round the end.
func (v *treeView) search(step int) {
	if strings.TrimSpace(v.searched) == "" {
		v.message = "Nothing was searched for yet: / begins."
		return
	}
	found := v.tree.flat(v.tree.all(), v.searched)
	if len(found) == 0 {
		v.message = "Nothing has " + v.searched + "."
		return
	}
	r, _ := v.chosen()
	at, here := slices.BinarySearchFunc(found, r.path, func(f row, p string) int { return strings.Compare(f.path, p) })
	if step > 0 && !here {
		at--
	}
	v.reveal(found[(at+step+len(found))%len(found)].path)
}
