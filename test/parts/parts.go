package parts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The parts that can be started.
const (
	MinIO     = "minio"           // S3 and STS
	Versitygw = "versitygw"       // S3 and IAM
	Dynalite  = "dynalite"        // DynamoDB
	FakeGCS   = "fake-gcs-server" // Cloud Storage
	Postgres  = "postgres"
	Azurite   = "azurite" // Azure Blob Storage; see AzureHost
	// AzuriteHost is the same at the port of https, which takes a right of root.
	AzuriteHost = "azurite-host"
)

// Server is a part that runs.
type Server struct {
	Addr string            // host:port
	URL  string            // with a scheme and no slash at its end
	Env  map[string]string // variables that point clients at it
	stop func() error
}

// Close stops the server and removes its files.
func (s *Server) Close() error { return s.stop() }

// MissingError says that the program of a part is not installed.
type MissingError struct{ Part string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is neither on PATH nor in .tools: `scripts/parts.sh %s` installs it, `make parts` all of them", e.Part, e.Part)
}

// Required tells whether the variable TERRACE_E2E lists a part: a test that
// lacks it then fails and is not skipped.
func Required(part string) bool {
	return slices.Contains(strings.Fields(os.Getenv("TERRACE_E2E")), part)
}

// NotAskedError says that a part was not started since nobody wants servers:
// without the variable TERRACE_E2E tests need no more than a few seconds each.
type NotAskedError struct{ Part string }

func (e *NotAskedError) Error() string {
	return fmt.Sprintf("%s is not started unless TERRACE_E2E is set: `make e2e` runs the tests against real servers", e.Part)
}

// StartForTest starts a part if the variable TERRACE_E2E is there at all. The
// error is a *NotAskedError if not, and a *MissingError where the part's
// program is missing and not required: the test is then to be skipped.
func StartForTest(part string) (s *Server, skip, err error) {
	if os.Getenv("TERRACE_E2E") == "" {
		return nil, &NotAskedError{Part: part}, nil
	}
	s, err = Start(part)
	var missing *MissingError
	if errors.As(err, &missing) && !Required(part) {
		return nil, missing, nil
	}
	return s, nil, err
}

// Use starts a part for one test.
func Use(t testing.TB, part string) *Server {
	t.Helper()
	s, skip, err := StartForTest(part)
	switch {
	case skip != nil:
		t.Skip(skip)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("stopping %s: %v", part, err)
		}
	})
	return s
}

// Start starts a part. Who starts it closes it. The error is a *MissingError
// where its program is not there.
func Start(part string) (*Server, error) {
	start := map[string]func(*box) (*Server, error){
		MinIO: startMinIO, Versitygw: startVersitygw, Dynalite: startDynalite, FakeGCS: startFakeGCS, Postgres: startPostgres, Azurite: startAzurite, AzuriteHost: startAzuriteHost,
	}[part]
	if start == nil {
		return nil, fmt.Errorf("parts: nobody knows how to start %q", part)
	}
	b, err := newBox(part)
	if err != nil {
		return nil, err
	}
	s, err := start(b)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("parts: %s: %w%s", part, err, b.log()), b.close())
	}
	s.stop = b.close
	return s, nil
}

// Find gives the path of a program: on PATH, else in .tools of this module.
func Find(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return filepath.Abs(path)
	}
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	for _, dir := range Dirs() {
		path := filepath.Join(dir, program)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	return "", &MissingError{Part: program}
}

// Dirs are the folders that programs are installed into, beside those of PATH.
func Dirs() []string {
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return []string{filepath.Join(dir, ".tools", "bin"), filepath.Join(dir, ".tools", "npm", "node_modules", ".bin")}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}
