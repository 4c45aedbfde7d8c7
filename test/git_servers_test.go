package test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// gitRepository makes a bare repository SRV/mods.git with a tag and a branch.
func gitRepository(f *fetched) (srv string) {
	f.Helper()
	work := filepath.Join(f.dir, "work")
	srv = filepath.Join(f.dir, "srv")
	if err := os.MkdirAll(filepath.Join(work, "vpc"), 0o755); err != nil {
		f.Fatal(err)
	}
	f.git(work, "init", "-q", "-b", "main")
	for i, text := range []string{"# one\n", "# two\n"} {
		if err := os.WriteFile(filepath.Join(work, "vpc", "main.tf"), []byte(text), 0o644); err != nil {
			f.Fatal(err)
		}
		f.git(work, "add", ".")
		f.git(work, "commit", "-q", "-m", "change")
		f.git(work, "tag", fmt.Sprintf("v%d", i+1))
	}
	f.git(f.dir, "clone", "-q", "--bare", work, filepath.Join(srv, "mods.git"))
	f.git(filepath.Join(srv, "mods.git"), "update-server-info")
	return srv
}

func (f *fetched) git(dir string, args ...string) {
	f.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(f.env, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		f.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// serve starts a program that listens on a port, and waits until it does.
func (f *fetched) serve(port string, argv ...string) {
	f.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	var out strings.Builder
	cmd.Stderr, cmd.Env = &out, f.env
	if err := cmd.Start(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		timer := time.AfterFunc(3*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		timer.Stop()
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			f.Fatalf("%s does not listen: %s", argv[0], out.String())
		}
	}
}

// freePort is one that nobody listens on at this moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestGitServers(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	for name, start := range map[string]func(*fetched, string) string{"daemon": gitDaemon, "smart http": gitSmartHTTP, "ssh": gitSSH} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFetched(t, nil)
			at := start(f, gitRepository(f))
			f.brings(5, "git::"+at+"//vpc?ref=v1", "# one\n")
			f.brings(5, "git::"+at+"//vpc?ref=main", "# two\n")
			f.brings(1, "git::"+at+"//vpc?ref=v1&depth=1", "# one\n")
			f.fails("git::"+at+"//vpc?ref=none", "none")
		})
	}
}

func gitDaemon(f *fetched, srv string) string {
	path := filepath.Join(gitExecPath(f), "git-daemon")
	if !fileThere(path) {
		f.Skip("needs git daemon")
	}
	port := freePort(f.T)
	f.serve(port, path, "--listen=127.0.0.1", "--port="+port, "--base-path="+srv, "--export-all", "--reuseaddr")
	return "git://127.0.0.1:" + port + "/mods.git"
}

func gitExecPath(f *fetched) string {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		f.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func gitSmartHTTP(f *fetched, srv string) string {
	backend := filepath.Join(gitExecPath(f), "git-http-backend")
	if !fileThere(backend) {
		f.Skip("needs git http-backend")
	}
	handler := &cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + srv, "GIT_HTTP_EXPORT_ALL=1", "HOME=" + f.dir}}
	s := httptest.NewServer(f.counting(handler))
	f.Cleanup(s.Close)
	f.Cleanup(func() {
		packs := f.count(func(a string) bool {
			return strings.HasPrefix(a, http.MethodPost) && strings.HasSuffix(a, "git-upload-pack")
		})
		if packs == 0 {
			f.Error("nothing was fetched by smart http")
		}
	})
	return s.URL + "/mods.git"
}

func gitSSH(f *fetched, srv string) string {
	const sshd = "/usr/sbin/sshd"
	if !fileThere(sshd) {
		f.Skip("needs sshd: apt-get install openssh-server")
	}
	me, err := user.Current()
	if err != nil {
		f.Fatal(err)
	}
	if me.Uid == "0" {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where it puts itself before a login
			f.Fatal(err)
		}
	}
	for _, name := range []string{"host", "id"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(f.dir, name)).CombinedOutput(); err != nil {
			f.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	port := freePort(f.T)
	config := fmt.Sprintf("ListenAddress 127.0.0.1\nPort %s\nHostKey %s/host\nAuthorizedKeysFile %s/id.pub\nStrictModes no\nUsePAM no\nPidFile %s/pid\n", port, f.dir, f.dir, f.dir)
	path := filepath.Join(f.dir, "sshd_config")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		f.Fatal(err)
	}
	f.serve(port, sshd, "-D", "-f", path, "-E", filepath.Join(f.dir, "sshd.log"))
	f.env = append(f.env, fmt.Sprintf("GIT_SSH_COMMAND=ssh -i %[1]s/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=%[1]s/known", f.dir))
	return "ssh://" + me.Username + "@127.0.0.1:" + port + srv + "/mods.git"
}
