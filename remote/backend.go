package remote

import (
	"context"
	"log/slog"
)

// Settings say where one unit's state lives.
type Settings struct {
	Backend    string         // the backend's type: s3, gcs, local...
	Config     map[string]any // its settings: strings, bools, numbers, nil, []any and map[string]any
	Encryption map[string]any // OpenTofu's state encryption; empty for none
	WorkDir    string         // the folder that the binary runs in: relative local paths start there
	Workspace  string         // "" is the default workspace
	Env        []string       // of the binary: backends read what is not set from variables

	clients *clientCache // set by Connections; nil shares nothing
}

// Backend is a kind of place that holds states.
type Backend interface {
	// InitArgs gives the settings that the binary is told: those that only
	// steer us are taken out, as are nulls, and old names are replaced. The
	// settings passed in are not changed.
	InitArgs(s Settings) (map[string]any, error)
	// State gives the newest state as stored. It fails with ErrNoState when
	// there is none, and with ErrUnreadable when only the binary can read it.
	State(ctx context.Context, s Settings) (*State, error)
}

// Connections are what the backends of a process share: clients with their
// connections and credentials, and what was already seen to. The zero value is
// ready for use, by several goroutines at once.
type Connections struct {
	// Log is told what a store cannot do and is done without; nil discards.
	Log *slog.Logger

	aws     awsCache
	clients clientCache // of all other services
}

func (c *Connections) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

// For gives the backend of a type, with connections of its own.
func For(backend string) Backend { return new(Connections).For(backend) }

// For gives the backend of a type. Types that we know nothing special of are
// passed their settings as they are.
func (c *Connections) For(backend string) Backend {
	switch backend {
	case "s3":
		return s3{c}
	case "gcs":
		return gcs{c}
	case "azurerm":
		return azurerm{c}
	case "consul":
		return consul{c}
	case "pg":
		return pg{c}
	case "local":
		return local{}
	case "http":
		return httpBackend{c}
	}
	return plain{}
}

// Warnings tells of settings that work but should be written differently.
func Warnings(s Settings) []string {
	if s.Backend == "s3" {
		return s3Warnings(s.Config)
	}
	return nil
}

// plain is a backend without settings of ours.
type plain struct{}

func (plain) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, none, none), nil
}

func (plain) State(_ context.Context, s Settings) (*State, error) {
	return nil, throughBinary(s)
}

// throughBinary is the answer of the backends whose storage we do not open
// ourselves: the caller asks the binary for the outputs instead.
func throughBinary(s Settings) error {
	return &UnreadableError{Where: s.Backend + " backend", Reason: "read through the binary"}
}

// forwarded copies the settings that the binary is given. Text that spells a
// boolean becomes one for the keys known to be boolean.
func forwarded(config map[string]any, consumed, boolean func(key string) bool) map[string]any {
	args := make(map[string]any, len(config))
	for key, value := range config {
		if value == nil || consumed(key) {
			continue
		}
		if boolean(key) {
			value = asBool(value)
		}
		args[key] = value
	}
	return args
}

func none(string) bool { return false }

func asBool(value any) any {
	switch value {
	case "true":
		return true
	case "false":
		return false
	}
	return value
}
