package bundle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/terrace-iac/terrace/run"
)

// JournalName is the file that tells which units were applied.
const JournalName = "journal.jsonl"

// Event is what happened to a unit.
type Event string

// The events.
const (
	Started  Event = "started"  // written before the binary is
	Finished Event = "finished" // the binary has ended well, and this is the state then
	Failed   Event = "failed"   // it has not
)

// Entry is one line of the journal.
type Entry struct {
	Time     time.Time     `json:"time"`
	Unit     string        `json:"unit"`
	Event    Event         `json:"event"`
	Manifest string        `json:"manifest"` // digest of that which was applied
	State    run.StateMark `json:"state"`    // of Finished
}

// journal is appended to and never rewritten.
type journal struct {
	path string

	mu   sync.Mutex // guards file and last
	file *os.File
	last map[string]Entry // by unit: the newest
}

// openJournal reads what there is. A last line that was cut off by a crash
// tells of nothing that had been done by then.
func openJournal(dir string) (*journal, error) {
	j := &journal{path: filepath.Join(dir, JournalName), last: map[string]Entry{}}
	entries, err := ReadJournal(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		j.last[e.Unit] = e
	}
	if j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		return nil, err
	}
	if err := j.endLine(); err != nil {
		return nil, errors.Join(err, j.file.Close())
	}
	return j, nil
}

// endLine keeps a line that was cut off from growing into the next one.
func (j *journal) endLine() error {
	info, err := j.file.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := j.file.ReadAt(last, info.Size()-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = j.file.Write([]byte("\n"))
	return err
}

// ReadJournal lists the entries of a bundle's journal.
func ReadJournal(dir string) ([]Entry, error) {
	b, err := os.ReadFile(filepath.Join(dir, JournalName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Entry
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		var e Entry
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Unit != "" {
			list = append(list, e)
		}
	}
	return list, lines.Err()
}

// add writes an entry and waits until it is on disk.
func (j *journal) add(e Entry) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err = j.file.Write(append(b, '\n')); err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.last[e.Unit] = e
	return nil
}

// of gives the newest entry of a unit.
func (j *journal) of(unit string) (Entry, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, ok := j.last[unit]
	return e, ok
}

func (j *journal) close() { _ = j.file.Close() } // every line is synced already
