package remote

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrNoState says that nothing has been stored yet.
var ErrNoState = errors.New("no state")

// ErrUnreadable matches every UnreadableError.
var ErrUnreadable = errors.New("unreadable state")

// UnreadableError says why a state that may exist cannot be read here.
type UnreadableError struct {
	Where  string // file or backend; may be ""
	Reason string
	Err    error // cause, or nil
}

func (e *UnreadableError) Error() string {
	text := e.Reason
	if e.Where != "" {
		text = e.Where + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *UnreadableError) Unwrap() error        { return e.Err }
func (e *UnreadableError) Is(target error) bool { return target == ErrUnreadable }

// located adds the place to an error of ParseState.
func located(where string, err error) error {
	var u *UnreadableError
	if errors.As(err, &u) {
		return &UnreadableError{Where: where, Reason: u.Reason, Err: u.Err}
	}
	return fmt.Errorf("%s: %w", where, err)
}

// State is what we use of a stored state. Its resources are only counted.
type State struct {
	Version   int
	Serial    uint64
	Lineage   string
	Outputs   map[string]Output
	Resources int
	Digest    string // sha256 of the content in one layout, whatever the stored text's
}

// Output is one output value, as JSON, with its type in cty's JSON form.
type Output struct {
	Value     json.RawMessage `json:"value"`
	Type      json.RawMessage `json:"type"`
	Sensitive bool            `json:"sensitive"`
}

// ParseState reads the text of a state file. An empty text is ErrNoState; one
// that is encrypted, of another format version or no state at all is
// ErrUnreadable.
func ParseState(b []byte) (*State, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, ErrNoState
	}
	var file struct {
		Version   *int              `json:"version"`
		Serial    uint64            `json:"serial"`
		Lineage   string            `json:"lineage"`
		Outputs   map[string]Output `json:"outputs"`
		Resources []struct{}        `json:"resources"`
		Encrypted json.RawMessage   `json:"encrypted_data"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, &UnreadableError{Reason: "not a state file", Err: err}
	}
	switch {
	case file.Encrypted != nil:
		return nil, &UnreadableError{Reason: "the state is encrypted"}
	case file.Version == nil:
		return nil, &UnreadableError{Reason: "not a state file: it has no version"}
	case *file.Version != 4:
		return nil, &UnreadableError{Reason: fmt.Sprintf("state format version %d is not supported", *file.Version)}
	}
	if file.Outputs == nil {
		file.Outputs = map[string]Output{}
	}
	return &State{Version: *file.Version, Serial: file.Serial, Lineage: file.Lineage, Outputs: file.Outputs, Resources: len(file.Resources), Digest: contentDigest(b)}, nil
}

// contentDigest is over the values alone: backends and the binary lay the same
// state out in different ways.
func contentDigest(b []byte) string {
	var content any
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&content); err == nil {
		if plain, err := json.Marshal(content); err == nil {
			b = plain
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// ParseOutputJSON reads what `output -json` prints. Other text may surround
// the object: a wrapper or a plugin may have written to the same stream.
func ParseOutputJSON(b []byte) (map[string]Output, error) {
	for at := 0; ; {
		next := bytes.IndexByte(b[at:], '{')
		if next < 0 {
			return nil, &UnreadableError{Where: "output -json", Reason: "no outputs in the text"}
		}
		at += next
		outputs, length, err := decodeOutputs(b[at:])
		if errors.Is(err, io.ErrUnexpectedEOF) {
			// A cut object must not be mistaken for one of those inside it.
			return nil, &UnreadableError{Where: "output -json", Reason: "the text ends too early"}
		}
		if err == nil {
			return outputs, nil
		}
		at += length
	}
}

// decodeOutputs reads one object from the start of a text. When it is not an
// object of outputs, length says how much of the text to leave behind.
func decodeOutputs(b []byte) (outputs map[string]Output, length int, err error) {
	var object json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&object); err != nil {
		return nil, 1, err
	}
	length = int(dec.InputOffset())
	if err := json.Unmarshal(object, &outputs); err != nil {
		return nil, length, err
	}
	for name, o := range outputs {
		if o.Value == nil {
			return nil, length, fmt.Errorf("%s has no value", name)
		}
	}
	return outputs, length, nil
}
