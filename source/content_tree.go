package source

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// treeHeader starts every tree; the SHA-256 of what follows stands behind it.
const treeHeader = "terrace-tree 1 "

var errBadTree = errors.New("the list of files is damaged")

// encodeTree writes a folder whose files are in the store, one line an entry:
//
//	dir PATH
//	link PATH TARGET
//	file MODE SIZE HASH PATH
func encodeTree(f *folder) []byte {
	var b bytes.Buffer
	writeTree(&b, "", f)
	return slices.Concat([]byte(treeHeader+digest(b.String())+"\n"), b.Bytes())
}

func writeTree(b *bytes.Buffer, at string, f *folder) {
	for _, it := range f.items {
		name := path.Join(at, it.name)
		switch {
		case it.dir != nil:
			fmt.Fprintf(b, "dir %q\n", name)
			writeTree(b, name, it.dir)
		case it.link != "":
			fmt.Fprintf(b, "link %q %q\n", name, it.link)
		default:
			fmt.Fprintf(b, "file %o %d %s %q\n", it.mode, it.size, filepath.Base(it.blob), name)
		}
	}
}

// decodeTree reads what encodeTree wrote. Anything else is errBadTree: the
// paths in it will be written to.
func (c *Content) decodeTree(data []byte) (*folder, error) {
	head, body, _ := bytes.Cut(data, []byte("\n"))
	sum, ok := strings.CutPrefix(string(head), treeHeader)
	if !ok || digest(string(body)) != sum {
		return nil, errBadTree
	}
	root := &folder{}
	folders := map[string]*folder{".": root}
	for line := range strings.Lines(string(body)) {
		name, it, err := c.decodeItem(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		in := folders[path.Dir(name)]
		if in == nil || !plainName(path.Base(name)) {
			return nil, errBadTree
		}
		it.name = path.Base(name)
		in.items = append(in.items, it)
		if it.dir != nil {
			folders[name] = it.dir
		}
	}
	return root, nil
}

func (c *Content) decodeItem(line string) (name string, it item, err error) {
	kind, rest, _ := strings.Cut(line, " ")
	var hash string
	switch kind {
	case "dir":
		it.dir = &folder{}
		name, err = strconv.Unquote(rest)
	case "link":
		_, err = fmt.Sscanf(rest, "%q %q", &name, &it.link)
	case "file":
		_, err = fmt.Sscanf(rest, "%o %d %s %q", &it.mode, &it.size, &hash, &name)
		if err == nil && !isHash(hash) {
			err = errBadTree
		}
		if err == nil {
			it.blob = c.blobPath(hash)
		}
	default:
		err = errBadTree
	}
	if err != nil || it.mode&^fs.ModePerm != 0 {
		return "", it, errBadTree
	}
	return name, it, nil
}

func isHash(s string) bool {
	return len(s) == 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'f')
	})
}

// stored lists the files of a folder that are blobs.
func (f *folder) stored() []item {
	var out []item
	for _, it := range f.items {
		switch {
		case it.dir != nil:
			out = append(out, it.dir.stored()...)
		case it.blob != "":
			out = append(out, it)
		}
	}
	return out
}

// linksFollowed is how many links a sub-path may lead through.
const linksFollowed = 40

// holdsDir reports whether a slash separated path is a folder in f.
func (f *folder) holdsDir(sub string) bool {
	it := f.resolve(sub)
	return it != nil && it.dir != nil
}

// resolve finds what a slash separated path leads to, by way of links too; nil
// is nothing. The links were checked not to leave the tree.
func (f *folder) resolve(sub string) *item {
	todo := strings.Split(path.Clean("/"+sub), "/")[1:]
	at := []*item{{dir: f}}
	for links := 0; len(todo) > 0; {
		name, here := todo[0], at[len(at)-1]
		todo = todo[1:]
		if name == "" || name == "." {
			continue
		}
		if name == ".." {
			if len(at) == 1 {
				return nil
			}
			at = at[:len(at)-1]
			continue
		}
		it := here.dir.find(name)
		switch {
		case it == nil:
			return nil
		case it.link == "":
			at = append(at, it)
		case links == linksFollowed:
			return nil
		default:
			links++
			todo = slices.Concat(strings.Split(filepath.ToSlash(it.link), "/"), todo)
		}
	}
	return at[len(at)-1]
}
