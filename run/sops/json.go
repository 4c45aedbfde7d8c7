package sops

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// jsonForm is JSON: one object.
type jsonForm struct{}

func (jsonForm) parse(data []byte) (tree, branch, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a float64 would change large integers
	first, err := dec.Token()
	if err != nil {
		return nil, nil, ErrNotEncrypted
	}
	if first != json.Delim('{') {
		return nil, nil, errors.New("the JSON is not an object")
	}
	b, err := jsonObject(dec)
	if err != nil {
		return nil, nil, fmt.Errorf("not JSON: %w", err)
	}
	t := tree{b}
	found, err := takeMetadata(t)
	return t, found, err
}

func jsonObject(dec *json.Decoder) (branch, error) {
	b := branch{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		v, err := jsonValue(dec)
		if err != nil {
			return nil, err
		}
		b = append(b, item{key, v})
	}
	_, err := dec.Token()
	return b, err
}

func jsonValue(dec *json.Decoder) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return jsonObject(dec)
		}
		list := []any{}
		for dec.More() {
			v, err := jsonValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	case json.Number:
		if n, err := t.Int64(); err == nil {
			return int(n), nil
		}
		return t.Float64()
	}
	return t, nil
}

func (jsonForm) emit(t tree) ([]byte, error) {
	var compact, out bytes.Buffer
	if err := writeJSON(&compact, t[0]); err != nil {
		return nil, err
	}
	if err := json.Indent(&out, compact.Bytes(), "", "\t"); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// writeJSON keeps the order of a mapping, which json.Marshal would not.
func writeJSON(out *bytes.Buffer, v any) error {
	comma := ""
	switch v := v.(type) {
	case branch:
		out.WriteByte('{')
		for _, it := range v {
			if _, ok := it.key.(comment); ok {
				continue
			}
			name, err := json.Marshal(it.key)
			if err != nil {
				return err
			}
			out.WriteString(comma + string(name) + ":")
			if err := writeJSON(out, it.value); err != nil {
				return err
			}
			comma = ","
		}
		out.WriteByte('}')
		return nil
	case []any:
		out.WriteByte('[')
		for _, x := range v {
			if _, ok := x.(comment); ok {
				continue
			}
			out.WriteString(comma)
			if err := writeJSON(out, x); err != nil {
				return err
			}
			comma = ","
		}
		out.WriteByte(']')
		return nil
	}
	b, err := json.Marshal(v)
	out.Write(b)
	return err
}

// binaryForm is any file, wrapped into JSON as a whole.
type binaryForm struct{ jsonForm }

func (binaryForm) emit(t tree) ([]byte, error) {
	for _, it := range t[0] {
		if it.key != "data" {
			continue
		}
		switch v := it.value.(type) {
		case string:
			return []byte(v), nil
		case []byte:
			return v, nil
		}
	}
	return nil, errors.New("the file holds no data")
}
