package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// UnsavedStateError says that a command has changed the world and that the
// backend did not take the state that tells of it.
type UnsavedStateError struct {
	Unit  string
	State string // what state it is
	Left  string // where the binary left it; "" once it is saved
	Kept  string // the copy in the rescue folder; "" if none could be made
	Saved bool   // it was pushed back later, and the files are gone
	// Why says what stood in the way of the last try, or of the copy.
	Why error
	Err error // of the command
}

func (e *UnsavedStateError) Error() string {
	text := "the backend did not take the new state"
	if e.Err != nil {
		text = e.Err.Error() + "\nThe backend did not take the new state"
	}
	text += " (" + e.State + ")"
	if e.Saved {
		return text + ". It was pushed to the backend since, nothing is lost: run the command again to finish."
	}
	text += ", which exists only in " + e.Left
	if e.Kept != "" {
		text += " and " + e.Kept
	}
	return text + fmt.Sprintf(".\nIt could not be pushed back: %v\nRun terrace rescue --working-dir %s when the cause is mended, and apply nothing before: what exists already would be made again.", e.Why, quoted(e.Unit))
}

// Unwrap gives the command's error alone: why the rescue failed is not what
// rules for errors are about.
func (e *UnsavedStateError) Unwrap() error { return e.Err }

// isUnsaved says whether an error leaves a state that the backend does not
// have. To run the command again would make things twice.
func isUnsaved(err error) bool {
	var u *UnsavedStateError
	return errors.As(err, &u) && !u.Saved
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(`/\._-:+@%,=`, r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// watched runs the binary and looks after a state that it could not save.
func (j *job) watched(ctx context.Context, run func() error) error {
	for _, p := range unsavedOf(j.unit.Dir(), j.workDir) {
		j.log.Warn(fmt.Sprintf("An earlier run has left a state that its backend does not have: %s. Run terrace rescue --working-dir %s before anything is applied", p, quoted(j.unit.Dir())))
		break
	}
	left := filepath.Join(j.workDir, erroredState)
	before, started := markOf(left), time.Now()
	err := run()
	if after := markOf(left); after == before || after == (fileMark{}) {
		return err
	}
	return j.rescue(ctx, left, started, err)
}

// rescue copies a state that was just left and tries to push it back.
func (j *job) rescue(ctx context.Context, left string, started time.Time, cause error) error {
	e := &UnsavedStateError{Unit: j.unit.Dir(), Left: left, Err: cause, State: "not readable"}
	state, err := readUnsaved(left, j.unit.Dir())
	if err != nil {
		e.Why = err
		return e
	}
	e.State = state.String()
	if host, err := os.Hostname(); err == nil && j.locks() {
		state.held = lockWindow{Host: host, Since: started, Until: markOf(left).time}
	}
	if e.Kept, err = state.keep(); err != nil {
		e.Kept, e.Why = "", fmt.Errorf("copying it to %s: %w", rescueFolder(j.unit.Dir()), err)
		j.log.Error(e.Why.Error())
	} else {
		j.log.Warn("The backend did not take the new state. A copy is kept in " + e.Kept)
	}
	if err := (&pushing{job: j, state: state}).insist(ctx); err != nil {
		e.Why = err
		return e
	}
	if err := state.remove(left, e.Kept); err != nil {
		j.log.Warn("The state was pushed back, but its copy remains: " + err.Error())
	}
	j.log.Warn("The backend has taken the state after all (" + e.State + "); its copies are removed")
	e.Saved, e.Left, e.Kept = true, "", ""
	return e
}

// locks says whether the command holds a lock while it runs.
func (j *job) locks() bool {
	if _, said := j.args.Text("lock"); said && !j.args.On("lock") {
		return false
	}
	for _, name := range []string{"TF_CLI_ARGS", "TF_CLI_ARGS_" + j.cmd.Name} {
		if text, _ := lookup(j.env, name); strings.Contains(text, "-lock=") {
			return false // whatever it says
		}
	}
	return true
}

// Rescue pushes an unsaved state to its unit's backend, once, and removes its
// files.
func (r *Runner) Rescue(ctx context.Context, u *config.Unit, state UnsavedState, out Streams) error {
	push := step{"rescue", func(ctx context.Context, j *job) error {
		if err := j.retrying(ctx, j.ensureInit); err != nil {
			return err
		}
		if err := (&pushing{job: j, state: state}).once(ctx); err != nil {
			return err
		}
		j.outputs.Delete(u.Dir())
		paths := append(unsavedOf(u.Dir(), j.workDir), state.Path)
		return state.remove(paths...)
	}}
	c := Command{Name: "state", Args: shell.Argv{"state", "push"}}
	_, err := r.walk(ctx, u, c, out, append(preparing(), push))
	return err
}

// NotOursError says that the backend's state is not one that the unsaved one
// follows.
type NotOursError struct {
	Have, Want string // of the backend and of the file
	Why        string
}

func (e *NotOursError) Error() string {
	return fmt.Sprintf("%s: the backend has %s, the file has %s. Compare the two, and if the file is right push it with `state push -force`", e.Why, e.Have, e.Want)
}

// BrokenStateError says that what the binary has left is no whole state.
type BrokenStateError struct{ Path string }

func (e *BrokenStateError) Error() string {
	return e.Path + " is not a whole state: the disk was full, perhaps. The command has printed the state instead, as JSON: " +
		"save that, from the first { to the last }, in place of this file and run terrace rescue. Where that output is lost, what was made has to be imported"
}

// hopeless says that trying again leads nowhere.
func hopeless(err error) bool {
	var notOurs *NotOursError
	var broken *BrokenStateError
	return errors.As(err, &notOurs) || errors.As(err, &broken)
}

// pushing brings one state to the backend of a prepared unit.
type pushing struct {
	*job
	state UnsavedState
}

// pauses are how long to wait between tries.
func pauses() []time.Duration {
	return []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second}
}

// insist tries again and again, about a minute. After an interrupt it tries
// once more.
func (p *pushing) insist(ctx context.Context) error {
	for _, pause := range append(pauses(), 0) {
		err := p.once(ctx)
		if err == nil || hopeless(err) || ctx.Err() != nil || pause == 0 {
			return err
		}
		p.log.Warn(fmt.Sprintf("Pushing the state back failed, next try in %s: %v", pause, err))
		_ = p.opts.Sleep(ctx, pause) // cut short by an interrupt: the next try is the last
	}
	return nil
}

// once compares serials and pushes.
func (p *pushing) once(ctx context.Context) error {
	if p.state.Broken {
		return &BrokenStateError{Path: p.state.Path}
	}
	stored, err := p.tofu(ctx, "state", "pull")
	if err != nil {
		return err
	}
	if saved, err := p.compare(stored); err != nil || saved {
		return err
	}
	_, err = p.tofu(ctx, "state", "push", p.state.Path)
	lock, refused := p.lockOf(ctx, err)
	if !refused || !p.state.held.covers(lock) {
		return err
	}
	// The lock keeps everybody else out, so the push under it is safe.
	p.log.Debug("pushing under the lock that the command could not release", "lock", lock.ID)
	if _, err := p.tofu(ctx, "state", "push", "-lock=false", p.state.Path); err != nil {
		return err
	}
	if _, err := p.tofu(ctx, "force-unlock", "-force", lock.ID); err != nil {
		p.log.Warn(fmt.Sprintf("The state is saved, but its lock remains. Release it with: terrace force-unlock %s --working-dir %s", lock.ID, quoted(p.unit.Dir())))
	}
	return nil
}

// compare says whether the backend has the state already, and fails where
// pushing would put an older one in place of a newer one.
func (p *pushing) compare(stored []byte) (saved bool, err error) {
	lineage, serial, ok := stateMark(stored)
	have := UnsavedState{Lineage: lineage, Serial: serial, Broken: !ok}
	refuse := func(why string) (bool, error) {
		return false, &NotOursError{Have: have.String(), Want: p.state.String(), Why: why}
	}
	switch {
	case len(bytes.TrimSpace(stored)) == 0, lineage == "" && ok:
		return false, nil // for no state the binary prints nothing, or an empty one without lineage
	case lineage != p.state.Lineage:
		return refuse("the backend holds a state of another lineage")
	case serial > p.state.Serial:
		return refuse("the backend holds a newer state")
	case serial < p.state.Serial:
		return false, nil
	case sameContent(stored, p.state.text):
		return true, nil
	}
	return refuse("the backend holds another state of the same serial")
}

// tofu asks the binary for something that must be done although the run was
// interrupted. What it prints may hold secrets.
func (p *pushing) tofu(ctx context.Context, words ...string) ([]byte, error) {
	var out bytes.Buffer
	err := p.exec.Run(context.WithoutCancel(ctx), shell.Cmd{
		Path: p.bin, Args: words, Dir: p.workDir, Cleanup: true, Outlives: true,
		Env: override(addMissing(p.env, p.cmd.Env), map[string]string{"TF_INPUT": "0"}), Stdout: &out,
	})
	if err != nil {
		return nil, &pushError{words: strings.Join(words[:min(2, len(words))], " "), err: err}
	}
	return out.Bytes(), nil
}

// pushError tells the binary's reason in one line.
type pushError struct {
	words string
	err   error
}

func (e *pushError) Error() string {
	var exit *shell.ExitError
	if !errors.As(e.err, &exit) || strings.TrimSpace(exit.Stderr) == "" {
		return e.words + ": " + e.err.Error()
	}
	text := strings.Join(strings.Fields(ansi().ReplaceAllString(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(exit.Stderr), "")), " ")
	if len(text) > 400 {
		text = text[:400] + "..."
	}
	return e.words + ": " + text
}

func (e *pushError) Unwrap() error { return e.err }
