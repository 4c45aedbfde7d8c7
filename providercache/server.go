package providercache

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// server stands for registries, on the loopback interface.
type server struct {
	http     *http.Server
	base     string // http://HOST:PORT
	token    string
	log      *slog.Logger
	accounts *accounts
	upstream *upstream
	archives *archives
	ctx      context.Context // of downloads: they serve more than who asked first
	cancel   context.CancelFunc

	// answers holds what registries have said of a provider or a version, by
	// path, for the life of the process: all units of a run see the same.
	answers flights[*reply]

	// requests are what working folders hold already, as versions by address
	// of a provider, for the life of the process.
	requests sync.Map

	told sync.Map // hosts that were complained of

	secret string // in the paths of files, for which the binary shows no token
	mu     sync.Mutex
	files  map[string]file // by the last parts of their paths
}

// file is one that a registry has named to us.
type file struct {
	at      *url.URL
	archive *archive // nil for a small one
}

func startServer(o Options) (*server, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(o.Hostname, strconv.Itoa(o.Port)))
	if err != nil {
		return nil, fmt.Errorf("provider cache: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	known := &accounts{known: map[string]account{}}
	s := &server{
		base: "http://" + net.JoinHostPort(o.Hostname, strconv.Itoa(port)), token: o.Token, log: o.Log, accounts: known,
		upstream: &upstream{client: o.HTTP, accounts: known},
		archives: &archives{dir: o.Dir, client: o.HTTP, log: o.Log},
		secret:   rand.Text(), files: map[string]file{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)}
	o.Log.Debug("the provider cache listens", "address", s.base)
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

func (s *server) close() error {
	s.cancel()
	return s.http.Close()
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/terraform.json", s.discovery)
	mux.HandleFunc("GET /v1/providers/{request}/{host}/{ns}/{name}/versions", s.private(s.versions))
	mux.HandleFunc("GET /v1/providers/{request}/{host}/{ns}/{name}/{version}/download/{os}/{arch}", s.private(s.download))
	mux.HandleFunc("GET /v1/modules/{host}/{path...}", s.private(s.modules))
	mux.HandleFunc("GET /downloads/{secret}/{id}/{name}", s.serveFile)
	return mux
}

func (s *server) discovery(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"providers.v1":"/v1/providers/","modules.v1":"/v1/modules/"}`)
}

// private serves only those who know the token, and only for the hosts that we
// stand for.
func (s *server) private(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+s.token)) != 1 {
			http.Error(w, "the token is not that of this run", http.StatusUnauthorized)
			return
		}
		if _, ok := s.accounts.of(r.PathValue("host")); !ok {
			http.NotFound(w, r)
			return
		}
		serve(w, r)
	}
}

func (s *server) versions(w http.ResponseWriter, r *http.Request) {
	provider := r.PathValue("ns") + "/" + r.PathValue("name")
	if there, ok := s.requests.Load(r.PathValue("request")); ok {
		if version, ok := there.(map[string]string)[r.PathValue("host")+"/"+provider]; ok {
			s.pass(w, only(version), nil)
			return
		}
	}
	path := provider + "/versions"
	answer, err := s.asked("providers", r.PathValue("host"), path)
	s.pass(w, answer, err)
}

// request gives a name to what a working folder holds already. The binary asks
// for the versions of such a provider all the same, only to be told that the one
// in the lock file is still there.
func (s *server) request(there map[string]string) string {
	list := make([]string, 0, len(there))
	for address, version := range there {
		list = append(list, address+" "+version)
	}
	slices.Sort(list)
	name := digest([]byte(strings.Join(list, "\n")))[:16]
	s.requests.Store(name, there)
	return name
}

// only is the answer of a registry that has one version.
func only(version string) *reply {
	body := fmt.Sprintf(`{"versions":[{"version":%q,"protocols":["5.0","6.0"],"platforms":[{"os":%q,"arch":%q}]}]}`, version, runtime.GOOS, runtime.GOARCH)
	return &reply{status: http.StatusOK, kind: "application/json", body: []byte(body)}
}

// errRefused marks an answer that is handed on but not kept.
var errRefused = errors.New("refused")

func (s *server) asked(service, host, path string) (*reply, error) {
	answer, err := s.answers.do(service+" "+host+" "+path, func() (*reply, error) {
		answer, err := s.upstream.ask(s.ctx, service, host, path)
		if err == nil && answer.status >= 300 {
			err = errRefused
		}
		return answer, err
	})
	if errors.Is(err, errRefused) {
		err = nil
		s.explain(answer.status, host)
	}
	return answer, err
}

// explain says once what the binary cannot: it has shown a token, to us.
func (s *server) explain(status int, host string) {
	if status != http.StatusUnauthorized && status != http.StatusForbidden {
		return
	}
	if _, told := s.told.LoadOrStore(host, true); told {
		return
	}
	if account, _ := s.accounts.of(host); account.token != "" {
		s.log.Warn(fmt.Sprintf("The registry %s does not accept the token that the settings of the binary or a TF_TOKEN_ variable give for it", host))
		return
	}
	s.log.Warn(fmt.Sprintf("The registry %s wants a token: give one in a TF_TOKEN_ variable, by login, or with a credentials block in the settings of the binary", host))
}

// download hands on what the registry says of a version, with addresses of
// ours for its files.
func (s *server) download(w http.ResponseWriter, r *http.Request) {
	p := r.PathValue
	path := strings.Join([]string{p("ns"), p("name"), p("version"), "download", p("os"), p("arch")}, "/")
	answer, err := s.asked("providers", p("host"), path)
	if err != nil || answer.status != http.StatusOK {
		s.pass(w, answer, err)
		return
	}
	body, err := s.readdressed(answer, archiveName{host: p("host"), namespace: p("ns"), name: p("name"), version: p("version"), platform: p("os") + "_" + p("arch")})
	if err != nil {
		s.pass(w, nil, err)
		return
	}
	s.pass(w, &reply{status: answer.status, kind: "application/json", body: body}, nil)
}

// readdressed replaces the addresses in what a registry says of a version; all
// else, such as the keys of who has signed it, is left.
func (s *server) readdressed(answer *reply, name archiveName) ([]byte, error) {
	var fields map[string]json.RawMessage
	var known struct {
		Filename     string `json:"filename"`
		Shasum       string `json:"shasum"`
		DownloadURL  string `json:"download_url"`
		ShasumsURL   string `json:"shasums_url"`
		SignatureURL string `json:"shasums_signature_url"`
	}
	if err := json.Unmarshal(answer.body, &fields); err != nil {
		return nil, fmt.Errorf("%s: what the registry says is not JSON: %w", name, err)
	}
	if err := json.Unmarshal(answer.body, &known); err != nil {
		return nil, fmt.Errorf("%s: what the registry says: %w", name, err)
	}
	sums, err := answer.from.Parse(known.ShasumsURL)
	if err != nil {
		return nil, err
	}
	for field, raw := range map[string]string{"download_url": known.DownloadURL, "shasums_url": known.ShasumsURL, "shasums_signature_url": known.SignatureURL} {
		if raw == "" {
			continue
		}
		at, err := answer.from.Parse(raw)
		if err != nil {
			return nil, err
		}
		f := file{at: at}
		if field == "download_url" {
			f.archive = &archive{archiveName: name, file: known.Filename, sum: strings.ToLower(known.Shasum), at: at, sums: sums}
		}
		if fields[field], err = json.Marshal(s.offer(f, known.Filename)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(fields)
}

// offer gives the address of a file of ours for one of the registry's. The
// same file always has the same.
func (s *server) offer(f file, filename string) string {
	id := digest([]byte(f.at.String() + " " + filename))[:24]
	name := filename
	if f.archive == nil {
		name = "file"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = f
	return s.base + "/downloads/" + s.secret + "/" + id + "/" + url.PathEscape(name)
}

func (s *server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f, ok := s.files[r.PathValue("id")]
	s.mu.Unlock()
	if !ok || subtle.ConstantTimeCompare([]byte(r.PathValue("secret")), []byte(s.secret)) != 1 {
		http.NotFound(w, r)
		return
	}
	if f.archive == nil {
		answer, err := s.small(f.at)
		s.pass(w, answer, err)
		return
	}
	path, err := s.archives.get(s.ctx, *f.archive, s.small)
	if err != nil {
		s.pass(w, nil, err)
		return
	}
	http.ServeFile(w, r, path)
}

// small gets a list of checksums or its signature, once.
func (s *server) small(at *url.URL) (*reply, error) {
	answer, err := s.answers.do("file "+at.String(), func() (*reply, error) {
		answer, err := s.upstream.get(s.ctx, at, "")
		if err == nil && answer.status >= 300 {
			err = errRefused
		}
		return answer, err
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	return answer, err
}

// pass hands an answer on. What went wrong on our side is told in the log, for
// the binary shows no more than the status.
func (s *server) pass(w http.ResponseWriter, answer *reply, err error) {
	if err != nil {
		s.log.Warn("The provider cache cannot answer: " + err.Error())
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if answer.kind != "" {
		w.Header().Set("Content-Type", answer.kind)
	}
	if answer.get != "" {
		w.Header().Set("X-Terraform-Get", answer.get)
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body)
}
