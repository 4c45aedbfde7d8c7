package browse

import (
	"context"
	"io"
	"os/exec"
	"path"
	"slices"

	tea "charm.land/bubbletea/v2"
)

// Services is what the screen asks for. Its methods may be called from several
// goroutines.
type Services interface {
	// Configuration gives the evaluated configuration of a unit, for reading.
	Configuration(ctx context.Context, path string) (string, error)
	// Results gives how units ended last, by path.
	Results() map[string]Result
	// Plan makes the command that plans the units. It gets the terminal.
	Plan(paths []string) *exec.Cmd
}

// Options say what is shown, and where.
type Options struct {
	Title       string // the folder
	Components  []Component
	Stdin       io.Reader
	Stdout      io.Writer
	Environment []string
}

// Run shows the screen until somebody leaves it or the context ends.
func Run(ctx context.Context, o Options, s Services) error {
	m := newModel(ctx, o, s)
	_, err := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(o.Stdin), tea.WithOutput(o.Stdout), tea.WithEnvironment(o.Environment)).Run()
	return err
}

// model is what is on the screen. Only Update changes it.
type model struct {
	ctx      context.Context // of the evaluations that it asks for; the framework hands none down
	services Services
	title    string
	tree     *tree
	results  map[string]Result

	width, height int
	dir           string         // the folder whose rows are shown
	cursor        map[string]int // the row, by folder and list
	list          *list          // nil while folders are shown
	typing        bool           // the keys go to the filter
	marked        map[string]bool
	reading       bool                     // the keys scroll the details
	scroll        int                      // of the details
	texts         map[string]configuration // by path, for as long as the screen is shown
	message       string                   // for one key
	firstG        bool                     // g was pressed, and may become g g
}

// list is a choice of components instead of folders.
type list struct {
	what   string // such as "what dev/app needs"; "" for all components
	paths  []string
	filter string
}

// configuration is a unit's, once it was asked for.
type configuration struct {
	text string
	err  error
	done bool
}

func newModel(ctx context.Context, o Options, s Services) *model {
	return &model{
		ctx: ctx, services: s, title: o.Title, tree: newTree(o.Components), results: s.Results(), dir: ".",
		cursor: map[string]int{}, marked: map[string]bool{}, texts: map[string]configuration{}, width: 80, height: 24,
	}
}

// Init asks for the first unit's configuration.
func (m *model) Init() tea.Cmd { return m.ask() }

// evaluated brings a configuration that was asked for.
type evaluated struct {
	path string
	configuration
}

// planned says that the command has ended.
type planned struct{ err error }

// Update changes what is shown.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case evaluated:
		m.texts[msg.path] = msg.configuration
	case planned:
		m.results = m.services.Results()
		if msg.err != nil {
			m.message = msg.err.Error()
		}
	case tea.PasteMsg:
		if m.typing {
			m.narrow(m.list.filter + msg.Content)
		}
		return m, m.ask()
	case tea.KeyPressMsg:
		m.message = ""
		if m.typing {
			return m, m.typed(msg)
		}
		return m, m.pressed(msg.String())
	}
	return m, nil
}

// key names the list that is shown, for the row that was chosen in it.
func (m *model) key() string {
	if m.list == nil {
		return "/" + m.dir
	}
	return m.list.what + "?" + m.list.filter
}

func (m *model) rows() []row {
	if m.list == nil {
		return m.tree.children[m.dir]
	}
	return m.tree.flat(m.list.paths, m.list.filter)
}

// chosen is the row under the cursor.
func (m *model) chosen() (row, bool) {
	rows := m.rows()
	if len(rows) == 0 {
		return row{}, false
	}
	return rows[m.at(len(rows))], true
}

func (m *model) at(rows int) int { return max(0, min(m.cursor[m.key()], rows-1)) }

// move brings the cursor to a row, or to the nearest that there is.
func (m *model) move(to int) {
	m.cursor[m.key()] = max(0, min(to, len(m.rows())-1))
	m.scroll = 0
}

// ask evaluates the unit under the cursor, the first time.
func (m *model) ask() tea.Cmd {
	r, ok := m.chosen()
	if !ok || r.component == nil || r.component.Kind != "unit" || r.component.Problem != "" {
		return nil
	}
	if _, asked := m.texts[r.path]; asked {
		return nil
	}
	m.texts[r.path] = configuration{}
	return func() tea.Msg {
		text, err := m.services.Configuration(m.ctx, r.path)
		return evaluated{r.path, configuration{text, err, true}}
	}
}

// narrow changes the filter and goes to the first row that it leaves.
func (m *model) narrow(filter string) {
	m.list.filter = filter
	m.move(0)
}

// show replaces the rows by a list of components.
func (m *model) show(what string, paths []string) {
	m.list = &list{what: what, paths: paths}
	m.move(0)
}

// leave goes back to the folders, to the component that was chosen.
func (m *model) leave() {
	r, ok := m.chosen()
	m.list, m.typing = nil, false
	if ok {
		m.reveal(r.path)
	}
}

// reveal shows a component in its folder.
func (m *model) reveal(p string) {
	m.dir = path.Dir(p)
	m.move(slices.IndexFunc(m.rows(), func(r row) bool { return r.path == p }))
}
