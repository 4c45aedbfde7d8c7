package sops

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/ini.v1"
)

// dotenvForm is NAME=value lines. Metadata stands in variables that begin with
// sops_.
type dotenvForm struct{}

func (dotenvForm) parse(data []byte) (tree, branch, error) {
	b, flat := branch{}, map[string]string{}
	for line := range strings.SplitSeq(string(data), "\n") {
		name, value, ok := strings.Cut(line, "=")
		switch {
		case line == "":
		case line[0] == '#':
			b = append(b, item{key: comment{text: line[1:]}})
		case !ok:
			return nil, nil, errors.New("a line is neither NAME=value nor a comment")
		default:
			value = strings.ReplaceAll(value, `\n`, "\n")
			if field, ok := strings.CutPrefix(name, "sops_"); ok {
				flat[field] = value
				continue
			}
			b = append(b, item{name, value})
		}
	}
	found, err := unflatten(flat)
	return tree{b}, found, err
}

func (dotenvForm) emit(t tree) ([]byte, error) {
	var out bytes.Buffer
	for _, it := range t[0] {
		if c, ok := it.key.(comment); ok {
			out.WriteString("#" + c.text + "\n")
			continue
		}
		fmt.Fprintf(&out, "%s=%s\n", it.key, strings.ReplaceAll(text(it.value), "\n", `\n`))
	}
	return out.Bytes(), nil
}

// iniForm is sections of name = value lines. Metadata is the section sops.
type iniForm struct{}

func (iniForm) parse(data []byte) (tree, branch, error) {
	f, err := ini.LoadSources(ini.LoadOptions{AllowNonUniqueSections: true}, data)
	if err != nil {
		return nil, nil, fmt.Errorf("not INI: %w", err)
	}
	b, flat := branch{}, map[string]string{}
	for _, section := range f.Sections() {
		if section.Name() == "sops" {
			for _, k := range section.Keys() {
				flat[k.Name()] = strings.ReplaceAll(k.Value(), `\n`, "\n")
			}
			continue
		}
		b = append(b, item{section.Name(), iniSection(section)})
	}
	found, err := unflatten(flat)
	return tree{b}, found, err
}

func iniSection(section *ini.Section) branch {
	out := branch{}
	add := func(text string) {
		if text != "" {
			out = append(out, item{key: comment{text: strings.TrimLeft(text, string(text[0])+" ")}})
		}
	}
	add(section.Comment)
	for _, k := range section.Keys() {
		out = append(out, item{k.Name(), k.Value()})
		add(k.Comment)
	}
	return out
}

func (iniForm) emit(t tree) ([]byte, error) {
	f := ini.Empty(ini.LoadOptions{AllowNonUniqueSections: true})
	f.DeleteSection(ini.DefaultSection)
	for _, it := range t[0] {
		entries, ok := it.value.(branch)
		if !ok {
			continue
		}
		section, err := f.NewSection(it.key.(string))
		if err != nil {
			return nil, err
		}
		if err := fillSection(section, entries); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	_, err := f.WriteTo(&out)
	return out.Bytes(), err
}

func fillSection(section *ini.Section, entries branch) error {
	at := &section.Comment // a comment belongs to what it was read behind
	for _, e := range entries {
		if c, ok := e.key.(comment); ok {
			*at = c.text
			continue
		}
		k, err := section.NewKey(e.key.(string), text(e.value))
		if err != nil {
			return err
		}
		at = &k.Comment
	}
	return nil
}

// text is a value in a format that knows strings only.
func text(v any) string {
	switch v := v.(type) {
	case float64:
		s := strconv.FormatFloat(v, 'G', -1, 64)
		if !strings.ContainsAny(s, ".E") {
			s = strconv.FormatFloat(v, 'f', 1, 64)
		}
		return s
	case time.Time:
		return v.Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}

// unflatten makes a mapping of names such as age__list_0__map_enc.
func unflatten(flat map[string]string) (branch, error) {
	if len(flat) == 0 {
		return nil, ErrNotEncrypted
	}
	root := &flatNode{}
	for name, value := range flat {
		at := root
		for _, word := range strings.FieldsFunc(strings.NewReplacer("__list_", "\x00#", "__map_", "\x00").Replace(name), func(r rune) bool { return r == 0 }) {
			at = at.child(word)
		}
		at.value = value
	}
	out, ok := root.tree().(branch)
	if !ok {
		return nil, ErrNotEncrypted
	}
	return out, nil
}

// flatNode has kids, whose names begin with # in a list, or a value.
type flatNode struct {
	kids  map[string]*flatNode
	value string
}

func (n *flatNode) child(name string) *flatNode {
	if n.kids == nil {
		n.kids = map[string]*flatNode{}
	}
	if n.kids[name] == nil {
		n.kids[name] = &flatNode{}
	}
	return n.kids[name]
}

func (n *flatNode) tree() any {
	if n.kids == nil {
		return n.value
	}
	names := make([]string, 0, len(n.kids))
	for name := range n.kids {
		names = append(names, name)
	}
	if strings.HasPrefix(names[0], "#") {
		slices.SortFunc(names, func(a, b string) int { return index(a) - index(b) })
		list := make([]any, len(names))
		for i, name := range names {
			list[i] = n.kids[name].tree()
		}
		return list
	}
	slices.Sort(names)
	b := branch{}
	for _, name := range names {
		b = append(b, item{name, n.kids[name].tree()})
	}
	return b
}

func index(name string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(name, "#"))
	return n
}
