package tui

import (
	"context"
	"errors"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Screen is the terminal that programs of this package are shown on.
type Screen struct {
	In      io.Reader
	Out     io.Writer
	Env     []string
	NoColor bool
}

// ErrInterrupted says that ctrl+c was pressed.
var ErrInterrupted = errors.New("interrupted")

// run shows a model until it ends. Begin is called with what sends it messages
// from outside, before anything is shown.
func (s Screen) run(ctx context.Context, m tea.Model, begin func(send func(tea.Msg))) (tea.Model, error) {
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(s.In), tea.WithOutput(s.Out), tea.WithEnvironment(s.Env), tea.WithoutSignalHandler()}
	if s.NoColor {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	p := tea.NewProgram(m, options...)
	if begin != nil {
		begin(p.Send)
	}
	last, err := p.Run()
	if cause := ctx.Err(); cause != nil {
		return last, cause
	}
	return last, err
}
