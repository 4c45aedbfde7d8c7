package parts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// startPostgres makes a cluster whose user postgres needs no password.
func startPostgres(b *box) (*Server, error) {
	dir, err := postgresDir()
	if err != nil {
		return nil, err
	}
	if err := handOver(b); err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(dir, "initdb"), "-D", b.path("data"), "-A", "trust", "-U", "postgres", "-N")
	initdb.Dir = b.dir
	asUser(initdb, b)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	addr, err := attempts(func(port string) error {
		p, err := b.run([]string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")}, filepath.Join(dir, "postgres"), "-D", b.path("data"), "-p", port,
			"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
		if err != nil {
			return err
		}
		return p.until(func() error { return pgReady("127.0.0.1:" + port) })
	})
	url := "postgres://postgres@" + addr + "/postgres?sslmode=disable"
	return &Server{Addr: addr, URL: url, Env: map[string]string{"PG_CONN_STR": url}}, err
}

// postgresDir finds the folder of the server's programs, which distributions
// keep off PATH.
func postgresDir() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		path, err = filepath.EvalSymlinks(path)
		return filepath.Dir(path), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", &MissingError{Part: Postgres}
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// pgReady opens a session as the user postgres. A server that is still
// starting answers with an error.
func pgReady(addr string) error {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	text := "\x00\x03\x00\x00user\x00postgres\x00\x00"
	hello := binary.BigEndian.AppendUint32(nil, uint32(len(text)+4))
	if _, err := c.Write(append(hello, text...)); err != nil {
		return err
	}
	answer := make([]byte, 1)
	if _, err := c.Read(answer); err != nil {
		return err
	}
	if answer[0] != 'R' {
		return errors.New("it does not admit us yet")
	}
	return nil
}
