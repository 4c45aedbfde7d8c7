package tui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Entry is one thing that can be chosen.
type Entry struct {
	Title       string
	Kind        string
	Tabs        []string // names of the tabs that list it, besides the first
	Description string
	Place       string // where it is: address and folder
	Version     string
	Doc         string // Markdown
}

// Catalog is a list of entries to choose from, with their pages and forms.
type Catalog struct {
	Tabs []string // the first lists everything
	// Load finds the entries and hands them over one by one, in the background.
	Load func(ctx context.Context, add func(Entry)) error
	// Form gives the form of an entry, by its place in the order of adding.
	Form func(ctx context.Context, entry int) (Form, error)
	// Empty is shown where there is nothing to load.
	Empty string
}

// Choice is how a catalog was left.
type Choice struct {
	Entry  int // -1 for none
	Filled bool
	Values map[string]string // of the form, if it was filled in
	Err    error             // of loading
}

// Browse shows a catalog until something is chosen or it is left.
func (s Screen) Browse(ctx context.Context, c Catalog) (Choice, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newCatalogView(ctx, c)
	var ended chan struct{}
	last, err := s.run(ctx, m, func(send func(tea.Msg)) {
		if c.Load == nil {
			return
		}
		ended = make(chan struct{})
		go func() {
			defer close(ended)
			err := c.Load(ctx, func(e Entry) { send(foundMsg{e}) })
			send(loadedMsg{err})
		}()
	})
	cancel()
	if ended != nil {
		<-ended // what it fetches is not left behind half done
	}
	if err != nil {
		return Choice{Entry: -1}, err
	}
	m = last.(*catalogView)
	if m.interrupted {
		return Choice{Entry: -1}, ErrInterrupted
	}
	return m.choice, nil
}

type (
	foundMsg  struct{ entry Entry }
	loadedMsg struct{ err error }
	formMsg   struct {
		form Form
		err  error
	}
)

// catalogView is a catalog on the screen. What is shown over the list, a page
// or a form, is there while its field is not nil.
type catalogView struct {
	ctx           context.Context
	catalog       Catalog
	look          look
	width, height int

	entries []Entry
	shown   []int // entries of the tab that the filter lets through
	loading bool
	list    listView
	page    *pageView
	form    *formView
	busy    string // what is waited for

	problem     string
	choice      Choice
	interrupted bool
}

func newCatalogView(ctx context.Context, c Catalog) *catalogView {
	return &catalogView{ctx: ctx, catalog: c, look: newLook(), loading: c.Load != nil, choice: Choice{Entry: -1}}
}

func (v *catalogView) Init() tea.Cmd { return nil }

func (v *catalogView) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		v.width, v.height = m.Width, m.Height
	case foundMsg:
		v.entries = append(v.entries, m.entry)
		v.filter()
	case loadedMsg:
		v.loading, v.choice.Err = false, m.err
		if m.err != nil && len(v.entries) > 0 {
			v.problem = m.err.Error() // else it stands in place of the list
		}
	case formMsg:
		return v, v.formReady(m)
	case tea.PasteMsg:
		if v.form != nil {
			v.form.update(m)
		} else if v.list.typing {
			v.list.filter.insert(m.Content)
			v.filter()
		}
	case tea.KeyPressMsg:
		return v, v.press(m)
	}
	return v, nil
}

func (v *catalogView) press(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case k.String() == "ctrl+c":
		v.interrupted = true
		return tea.Quit
	case v.busy != "":
		return nil
	case v.form != nil:
		return v.pressForm(k)
	case v.page != nil:
		return v.pressPage(k)
	case v.list.typing:
		v.pressFilter(k)
		return nil
	}
	return v.pressList(k)
}

func (v *catalogView) pressForm(k tea.KeyPressMsg) tea.Cmd {
	v.form.update(k)
	switch v.form.end {
	case finished:
		v.choice.Filled, v.choice.Values = true, v.form.values()
		return v.choose()
	case cancelled:
		v.form = nil
	}
	return nil
}

// choose ends with the selected entry.
func (v *catalogView) choose() tea.Cmd {
	v.choice.Entry = v.shown[v.list.at]
	return tea.Quit
}

func (v *catalogView) pressPage(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc", "left", "h", "enter":
		v.page = nil
	case "q":
		return tea.Quit
	case "s":
		return v.openForm()
	case "ctrl+d":
		return v.choose()
	default:
		v.page.press(k, v.pageRoom())
	}
	return nil
}

func (v *catalogView) pressFilter(k tea.KeyPressMsg) {
	switch k.String() {
	case "enter", "down":
		v.list.typing = false
	case "esc":
		v.list.typing, v.list.filter = false, input{}
	default:
		v.list.filter.press(k)
	}
	v.filter()
}

func (v *catalogView) pressList(k tea.KeyPressMsg) tea.Cmd {
	v.problem = ""
	switch k.String() {
	case "q":
		return tea.Quit
	case "tab", "right", "l":
		v.list.tab = (v.list.tab + 1) % len(v.catalog.Tabs)
		v.filter()
	case "shift+tab", "left", "h":
		v.list.tab = (v.list.tab + len(v.catalog.Tabs) - 1) % len(v.catalog.Tabs)
		v.filter()
	case "/":
		v.list.typing = true
	case "esc":
		v.list.filter = input{}
		v.filter()
	case "enter":
		if len(v.shown) > 0 {
			e := v.entries[v.shown[v.list.at]]
			v.page = &pageView{text: e.Doc}
		}
	case "s":
		return v.openForm()
	default:
		v.list.press(k, len(v.shown), v.listRoom())
	}
	return nil
}

// openForm fetches the form of the selected entry.
func (v *catalogView) openForm() tea.Cmd {
	if len(v.shown) == 0 || v.catalog.Form == nil {
		return nil
	}
	i := v.shown[v.list.at]
	v.busy, v.problem = "Fetching "+v.entries[i].Title+"…", ""
	return func() tea.Msg {
		f, err := v.catalog.Form(v.ctx, i)
		return formMsg{f, err}
	}
}

// formReady shows a form that has come. One without fields is finished.
func (v *catalogView) formReady(m formMsg) tea.Cmd {
	v.busy = ""
	switch {
	case m.err != nil:
		v.problem = m.err.Error()
	case len(m.form.Fields) == 0:
		v.choice.Filled = true
		return v.choose()
	default:
		v.form = newFormView(m.form)
	}
	return nil
}

// filter finds the entries to be shown. The selection stays with its entry
// where that is still there.
func (v *catalogView) filter() {
	selected := -1
	if v.list.at < len(v.shown) {
		selected = v.shown[v.list.at]
	}
	words := filterWords(v.list.filter.String())
	v.shown, v.list.at = nil, 0
	for i, e := range v.entries {
		if !v.inTab(e) || !e.has(words) {
			continue
		}
		if i == selected {
			v.list.at = len(v.shown)
		}
		v.shown = append(v.shown, i)
	}
}

func (v *catalogView) inTab(e Entry) bool {
	if v.list.tab == 0 {
		return true
	}
	for _, t := range e.Tabs {
		if t == v.catalog.Tabs[v.list.tab] {
			return true
		}
	}
	return false
}

// has says that all words are somewhere in what is known of an entry.
func (e Entry) has(words []string) bool {
	return hasWords(strings.Join([]string{e.Title, e.Kind, e.Description, e.Place, strings.Join(e.Tabs, " ")}, "\n"), words)
}
