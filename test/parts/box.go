package parts

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// patience is how long a server may take to be ready on a busy machine.
const patience = 90 * time.Second

// box holds what belongs to one server: its folder and its processes.
type box struct {
	part  string
	dir   string
	procs []*process
}

func newBox(part string) (*box, error) {
	dir, err := os.MkdirTemp("", "terrace-"+part+"-")
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	return &box{part: part, dir: dir}, nil
}

func (b *box) path(name string) string { return filepath.Join(b.dir, name) }

// mkdir makes a folder in that of the box.
func (b *box) mkdir(name string) (string, error) {
	dir := b.path(name)
	return dir, os.MkdirAll(dir, 0o755)
}

// close stops the processes, the last started first.
func (b *box) close() error {
	var errs []error
	for len(b.procs) > 0 {
		last := b.procs[len(b.procs)-1]
		b.procs = b.procs[:len(b.procs)-1]
		errs = append(errs, last.stop())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// log is the end of what the servers have printed.
func (b *box) log() string {
	text, err := os.ReadFile(b.path("log"))
	if err != nil || len(text) == 0 {
		return ""
	}
	return "\n" + string(text[max(0, len(text)-2000):])
}

// process is a server's. It ends when its standard input does, so also when
// this process is killed.
type process struct {
	cmd   *exec.Cmd
	leash io.Closer
	done  chan struct{}
}

// leashed runs a program until it ends or standard input is closed.
const leashed = `exec 3<&0
"$@" 3<&- &
pid=$!
(cat <&3 >/dev/null; kill "$pid" 2>/dev/null) &
wait "$pid"`

// run starts a program of the box. What it prints goes to the log.
func (b *box) run(env []string, program string, args ...string) (*process, error) {
	path, err := Find(program)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	if runtime.GOOS != "windows" {
		cmd = exec.Command("sh", append([]string{"-c", leashed, "sh", path}, args...)...)
	}
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), env...)
	asUser(cmd, b)
	log, err := os.OpenFile(b.path("log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	p := &process{cmd: cmd, done: make(chan struct{})}
	if p.leash, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // it is killed in the end
		close(p.done)
	}()
	b.procs = append(b.procs, p)
	return p, nil
}

func (p *process) stop() error {
	_ = p.leash.Close()
	if runtime.GOOS == "windows" {
		_ = p.cmd.Process.Kill()
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(20 * time.Second):
		return fmt.Errorf("%s does not end", p.cmd.Args[len(p.cmd.Args)-1])
	}
}

// until asks again until the server answers, it ends, or patience does.
func (p *process) until(ready func() error) error {
	end := time.Now().Add(patience)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return errors.New("it has ended")
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(end) {
			return fmt.Errorf("it is not ready: %w", err)
		}
	}
}

// answers asks an address by http. Any answer but that of a server that is
// still starting will do.
func answers(url string) func() error {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return func() error {
		answer, err := client.Get(url)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode >= 500 {
			return errors.New(answer.Status)
		}
		return nil
	}
}

// port gives one that was free a moment ago. A server that is refused it ends,
// and attempts starts it on another.
func port() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, p, err := net.SplitHostPort(l.Addr().String())
	return p, errors.Join(err, l.Close())
}

// attempts starts a server up to three times, each time on another port.
func attempts(start func(port string) error) (string, error) {
	var err error
	for range 3 {
		var p string
		if p, err = port(); err != nil {
			return "", err
		}
		if err = start(p); err == nil {
			return "127.0.0.1:" + p, nil
		}
		var missing *MissingError
		if errors.As(err, &missing) {
			break
		}
	}
	return "", err
}

// list turns variables into the form of os.Environ.
func list(env map[string]string) []string {
	var out []string
	for name, value := range env {
		out = append(out, name+"="+value)
	}
	return out
}

// dirsOnPath is PATH with the installed programs in front, for scripts that
// start other programs by name.
func dirsOnPath() string {
	return strings.Join(append(Dirs(), os.Getenv("PATH")), string(os.PathListSeparator))
}
