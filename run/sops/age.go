package sops

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"filippo.io/age/plugin"
	sopsage "github.com/getsops/sops/v3/age"
	"github.com/google/shlex"
)

func (k *Keys) openAge(ctx context.Context, key *sopsage.MasterKey) ([]byte, error) {
	ids, problems := k.identities(ctx, key.Recipient)
	if len(ids) == 0 {
		return nil, errors.Join(append([]error{errors.New("there is no identity: set SOPS_AGE_KEY or SOPS_AGE_KEY_FILE")}, problems...)...)
	}
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(key.EncryptedKey)), ids...)
	if err != nil {
		return nil, errors.Join(append([]error{err}, problems...)...)
	}
	return io.ReadAll(r)
}

// identities are those of all places in which sops would look. What is wrong
// with one place does not keep another from being used.
func (k *Keys) identities(ctx context.Context, recipient string) (ids []age.Identity, problems []error) {
	take := func(where string, text []byte, err error, parse func([]byte) ([]age.Identity, error)) {
		if err == nil {
			var found []age.Identity
			found, err = parse(text)
			ids = append(ids, found...)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", where, err))
		}
	}
	if text := k.get("SOPS_AGE_KEY"); text != "" {
		take("SOPS_AGE_KEY", []byte(text), nil, parseIdentities)
	}
	for _, f := range k.ageFiles() {
		text, err := os.ReadFile(f.path)
		if f.optional && errors.Is(err, os.ErrNotExist) {
			continue
		}
		take(f.name, text, err, f.parse)
	}
	for _, c := range []struct {
		name  string
		parse func([]byte) ([]age.Identity, error)
	}{{"SOPS_AGE_KEY_CMD", parseIdentities}, {"SOPS_AGE_SSH_PRIVATE_KEY_CMD", parseSSHIdentity}} {
		if line := k.get(c.name); line != "" {
			text, err := k.printed(ctx, line, recipient)
			take(c.name, text, err, c.parse)
		}
	}
	return ids, problems
}

type ageFile struct {
	name, path string
	optional   bool // looked for without having been named
	parse      func([]byte) ([]age.Identity, error)
}

func (k *Keys) ageFiles() []ageFile {
	var list []ageFile
	if path := k.get("SOPS_AGE_KEY_FILE"); path != "" {
		list = append(list, ageFile{"SOPS_AGE_KEY_FILE", path, false, parseIdentities})
	}
	if path := k.get("SOPS_AGE_SSH_PRIVATE_KEY_FILE"); path != "" {
		list = append(list, ageFile{"SOPS_AGE_SSH_PRIVATE_KEY_FILE", path, false, parseSSHIdentity})
	}
	if dir := k.configDir(); dir != "" {
		path := filepath.Join(dir, "sops", "age", "keys.txt")
		list = append(list, ageFile{path, path, true, parseIdentities})
	}
	if home := k.home(); home != "" {
		for _, name := range []string{"id_ed25519", "id_rsa"} {
			path := filepath.Join(home, ".ssh", name)
			list = append(list, ageFile{path, path, true, parseSSHIdentity})
		}
	}
	return list
}

func (k *Keys) home() string {
	if runtime.GOOS == "windows" {
		return k.get("USERPROFILE")
	}
	return k.get("HOME")
}

// configDir is the folder for settings of the unit's user.
func (k *Keys) configDir() string {
	switch {
	case runtime.GOOS == "windows":
		return k.get("APPDATA")
	case k.get("XDG_CONFIG_HOME") != "":
		return k.get("XDG_CONFIG_HOME")
	case k.home() == "":
		return ""
	case runtime.GOOS == "darwin":
		return filepath.Join(k.home(), "Library", "Application Support")
	}
	return filepath.Join(k.home(), ".config")
}

// printed runs a command that prints the identity for a recipient.
func (k *Keys) printed(ctx context.Context, line, recipient string) ([]byte, error) {
	argv, err := shlex.Split(line)
	if err != nil || len(argv) == 0 {
		return nil, errors.New("not a command line")
	}
	return k.Run(ctx, Command{Argv: argv, Env: append(k.Env[:len(k.Env):len(k.Env)], "SOPS_AGE_RECIPIENT="+recipient)})
}

// parseIdentities reads one or more identities, parted by spaces or lines. An
// error says which line is wrong and nothing of what it holds.
func parseIdentities(text []byte) ([]age.Identity, error) {
	var ids []age.Identity
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), "#") {
			continue
		}
		for _, word := range strings.Fields(lines.Text()) {
			id, err := parseIdentity(word)
			if err != nil {
				return nil, fmt.Errorf("line %d is no age identity", n)
			}
			ids = append(ids, id)
		}
	}
	return ids, lines.Err()
}

func parseIdentity(word string) (age.Identity, error) {
	switch {
	case strings.HasPrefix(word, "AGE-PLUGIN-"):
		return plugin.NewIdentity(word, silentUI())
	case strings.HasPrefix(word, "AGE-SECRET-KEY-PQ-1"):
		return age.ParseHybridIdentity(word)
	}
	return age.ParseX25519Identity(word)
}

func parseSSHIdentity(text []byte) ([]age.Identity, error) {
	id, err := agessh.ParseIdentity(text)
	if err != nil {
		return nil, errors.New("not an SSH key that can be used: it must be an Ed25519 or RSA key without a passphrase")
	}
	return []age.Identity{id}, nil
}

var errAsks = errors.New("it wants to ask a question, which cannot be answered here")

// silentUI is what a plugin talks to: several units may be read at once, so
// nobody can be asked.
func silentUI() *plugin.ClientUI {
	return &plugin.ClientUI{
		DisplayMessage: func(string, string) error { return nil },
		RequestValue:   func(string, string, bool) (string, error) { return "", errAsks },
		Confirm:        func(string, string, string, string) (bool, error) { return false, errAsks },
		WaitTimer:      func(string) {},
	}
}
