package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// noticeMoved warns of a tag that names another commit than when it was last
// seen on this machine: what a reviewed plan was made from may have changed
// under the same name. It warns once for each move.
func (s *Store) noticeMoved(ctx context.Context, r Request, p probe) {
	repository := r.Address.repository()
	old, err := s.content.remember(ctx, repository, p)
	switch {
	case err != nil:
		s.log.Debug("cannot remember a tag", "error", err)
	case old != "":
		s.log.Warn(fmt.Sprintf("Tag %s of %s was moved: it named commit %s and now names %s", p.tag, repository, old, p.commit))
	}
}

// remember notes the commit of a tag, and gives the one that was noted before
// if it was another.
func (c *Content) remember(ctx context.Context, repository string, p probe) (old string, err error) {
	file := filepath.Join(c.root, contentRefs, digest(repository)[:16]+".json")
	if tags, err := readTags(file); err == nil && tags[p.tag] == p.commit {
		return "", nil
	}
	lock, err := c.lock(ctx, "refs "+repository)
	if err != nil {
		return "", err
	}
	defer lock.release()
	tags, err := readTags(file)
	if err != nil {
		return "", err
	}
	if old = tags[p.tag]; old == p.commit {
		return "", nil
	}
	tags[p.tag] = p.commit
	data, err := json.Marshal(tags)
	if err != nil {
		return "", err
	}
	return old, c.write(file, data)
}

func readTags(file string) (map[string]string, error) {
	tags := map[string]string{}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return tags, nil
	}
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(data, &tags) != nil {
		return map[string]string{}, nil // torn by a power cut: begin anew
	}
	return tags, nil
}
