package bundle

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// ErrNoKey says that there is no key to sign with.
var ErrNoKey = errors.New("no SSH key to sign with: pass --key FILE, start an ssh-agent, or make a key with ssh-keygen -t ed25519")

// Keys says where keys are looked for.
type Keys struct {
	File  string // --key; a private key, or a public one whose private part the agent has
	Agent string // socket of the ssh-agent, "" for none
	Home  string // folder of the user, "" for none
	Git   string // git's user.signingkey where gpg.format is ssh; "" for none
}

// Signer finds a key: the one that was named, that of git, one of the agent,
// one of the usual files. The error is ErrNoKey where there is none. close
// must be called when the key is used no more.
func (k Keys) Signer() (s ssh.Signer, done func(), err error) {
	done = func() {}
	var held []ssh.Signer
	if k.Agent != "" {
		if conn, dialErr := net.Dial("unix", k.Agent); dialErr == nil {
			done = func() { _ = conn.Close() }
			held, _ = agent.NewClient(conn).Signers() // an agent that does not answer has no keys
		}
	}
	if s, err = k.pick(held); err != nil {
		done()
		return nil, func() {}, err
	}
	return s, done, nil
}

func (k Keys) pick(held []ssh.Signer) (ssh.Signer, error) {
	for _, named := range []string{k.File, k.Git} {
		if named != "" {
			return signerOf(named, held)
		}
	}
	if len(held) > 0 {
		return held[0], nil
	}
	if k.Home != "" {
		for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
			path := filepath.Join(k.Home, ".ssh", name)
			if _, err := os.Stat(path); err == nil {
				return signerOf(path, held)
			}
		}
	}
	return nil, ErrNoKey
}

// signerOf reads a key. One that is public, or that a passphrase protects, is
// looked for in the agent.
func signerOf(path string, held []ssh.Signer) (ssh.Signer, error) {
	text := []byte(strings.TrimPrefix(path, "key::"))
	if !strings.HasPrefix(path, "key::") && !strings.HasPrefix(path, "ssh-") {
		var err error
		if text, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
	}
	if public, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
		if s := inAgent(public, held); s != nil {
			return s, nil
		}
		if private, ok := strings.CutSuffix(path, ".pub"); ok {
			return signerOf(private, held)
		}
		return nil, fmt.Errorf("key %s: it is a public key and the ssh-agent does not have the private one", path)
	}
	s, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		if locked.PublicKey != nil {
			if s := inAgent(locked.PublicKey, held); s != nil {
				return s, nil
			}
		}
		return nil, fmt.Errorf("key %s: a passphrase protects it: add it to the ssh-agent with ssh-add", path)
	}
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", path, err)
	}
	return s, nil
}

func inAgent(public ssh.PublicKey, held []ssh.Signer) ssh.Signer {
	for _, s := range held {
		if string(s.PublicKey().Marshal()) == string(public.Marshal()) {
			return s
		}
	}
	return nil
}
