package source

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// hgGetter brings repositories of Mercurial: hg::URL?rev=REVISION.
type hgGetter struct{}

// hgSource is an address as hg is asked for it.
type hgSource struct {
	url, rev string
	env      []string
	hide     []string
}

func parseHg(j Job) hgSource {
	u := j.Address.URL()
	q := u.Query()
	rev := q.Get("rev")
	q.Del("rev")
	u.RawQuery = q.Encode()
	return hgSource{url: u.String(), rev: rev, hide: secrets(j.Address), env: append(j.withEnv().Env, "HGPLAIN=1")}
}

func (g hgGetter) Get(ctx context.Context, j Job) error {
	_, err := g.getKeyed(ctx, j)
	return err
}

func (g hgGetter) getKeyed(ctx context.Context, j Job) (string, error) {
	s := parseHg(j)
	if err := os.MkdirAll(filepath.Dir(j.Dest), 0o755); err != nil {
		return "", err
	}
	if _, err := s.run(ctx, "", "clone", "--noupdate", "--", s.url, j.Dest); err != nil {
		return "", err
	}
	if _, err := s.run(ctx, j.Dest, append([]string{"update"}, s.revision()...)...); err != nil {
		return "", err
	}
	node, err := s.run(ctx, j.Dest, "log", "--rev=.", "--template={node}")
	return hgKey(node), err
}

// probe asks which node a revision names. A full one is its own answer.
func (g hgGetter) probe(ctx context.Context, j Job, _ string) (probe, error) {
	s := parseHg(j)
	if isCommit(s.rev) {
		return probe{key: hgKey(s.rev)}, nil
	}
	args := slices.Concat([]string{"identify", "--debug", "--id"}, s.revision(), []string{"--", s.url})
	node, err := s.run(ctx, "", args...)
	return probe{key: hgKey(node)}, err
}

// revision chooses one; without it hg takes the head of the default branch.
func (s hgSource) revision() []string {
	if s.rev == "" {
		return nil
	}
	return []string{"--rev=" + s.rev}
}

func hgKey(node string) string {
	if node = strings.TrimSpace(node); !isCommit(node) {
		return ""
	}
	return "hg-" + node
}

func (s hgSource) run(ctx context.Context, dir string, args ...string) (string, error) {
	var out, failure bytes.Buffer
	cmd := exec.CommandContext(ctx, "hg", append([]string{"--noninteractive"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, s.env, &out, &failure
	if err := cmd.Run(); err != nil {
		text := scrub(strings.TrimSpace(failure.String()), s.hide)
		return "", fmt.Errorf("hg %s: %w: %s", args[0], err, text)
	}
	return out.String(), nil
}
