package shell

import (
	"bytes"
	"encoding/json"
	"errors"
)

// FirstJSONObject finds the first complete JSON object in what a program has
// written, among warnings and whatever a wrapper has to say. One at the start of
// a line goes before one within a line, where braces may be part of a sentence.
// An object that is cut off hides all that is inside it: its parts would be
// taken for the whole.
func FirstJSONObject(b []byte) ([]byte, bool) {
	if object, ok := firstObject(b, true); ok || object != nil {
		return object, ok
	}
	return firstObject(b, false)
}

// firstObject gives the text from an unfinished object on, and false, if that
// is what it meets.
func firstObject(b []byte, atLineStart bool) ([]byte, bool) {
	for from := 0; from < len(b); {
		i := bytes.IndexByte(b[from:], '{')
		if i < 0 {
			return nil, false
		}
		from += i
		if atLineStart && from > 0 && b[from-1] != '\n' {
			from++
			continue
		}
		object, err := decodeObject(b[from:])
		if err == nil {
			return object, true
		}
		var syntax *json.SyntaxError
		if !errors.As(err, &syntax) {
			return b[from:], false
		}
		// The offending character itself may begin an object.
		from += max(1, int(syntax.Offset)-1)
	}
	return nil, false
}

func decodeObject(b []byte) (json.RawMessage, error) {
	var object json.RawMessage
	err := json.NewDecoder(bytes.NewReader(b)).Decode(&object)
	return object, err
}
