package test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
)

// providerRegistry is a registry of providers over TLS. It serves real
// providers, signed with a key of its own, as acme/NAME.
type providerRegistry struct {
	t        *testing.T
	server   *httptest.Server
	host     string // 127.0.0.1:PORT
	certFile string
	key      *openpgp.Entity
	token    string // asked for unless empty
	// slow holds each archive back.
	slow time.Duration

	mu       sync.Mutex
	archives map[string]*packed // by NAME/VERSION
	asked    map[string]int     // by kind: versions, download, zip, sums
	broken   bool               // archives are sent with a byte changed
}

type packed struct {
	file string
	data []byte
	sum  string
}

// builtProvider is the path of a provider that was built for the tests.
func builtProvider(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(moduleRoot(), ".tools", "bin", "terraform-provider-"+name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the provider %s: make e2e installs it", name)
	}
	return path
}

func newProviderRegistry(t *testing.T) *providerRegistry {
	t.Helper()
	key, err := openpgp.NewEntity("test", "", "test@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &providerRegistry{t: t, key: key, archives: map[string]*packed{}, asked: map[string]int{}}
	r.server = httptest.NewTLSServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.server.Close)
	r.host = strings.TrimPrefix(r.server.URL, "https://")
	r.certFile = filepath.Join(t.TempDir(), "cert.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.server.Certificate().Raw})
	if err := os.WriteFile(r.certFile, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// add packs a provider's program as a version of it.
func (r *providerRegistry) add(name, version string) {
	r.t.Helper()
	program, err := os.ReadFile(builtProvider(r.t, name))
	if err != nil {
		r.t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	head := &zip.FileHeader{Name: "terraform-provider-" + name + "_v" + version, Method: zip.Deflate}
	head.SetMode(0o755)
	f, err := z.CreateHeader(head)
	if err == nil {
		_, err = f.Write(program)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	sum := sha256.Sum256(out.Bytes())
	r.archives[name+"/"+version] = &packed{
		file: fmt.Sprintf("terraform-provider-%s_%s_%s_%s.zip", name, version, runtime.GOOS, runtime.GOARCH),
		data: out.Bytes(), sum: hex.EncodeToString(sum[:]),
	}
}

// count gives how often something was asked for since the last time.
func (r *providerRegistry) count(kind string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.asked[kind]
	delete(r.asked, kind)
	return n
}

func (r *providerRegistry) note(kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[kind]++
}

func (r *providerRegistry) serve(w http.ResponseWriter, req *http.Request) {
	parts := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	if parts[0] == "v1" && r.token != "" && req.Header.Get("Authorization") != "Bearer "+r.token {
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	if parts[0] != "files" {
		w.Header().Set("Content-Type", "application/json")
	}
	switch {
	case req.URL.Path == "/.well-known/terraform.json":
		fmt.Fprint(w, `{"providers.v1":"/v1/providers/"}`)
	case len(parts) == 5 && parts[4] == "versions":
		r.note("versions")
		r.versions(w, parts[3])
	case len(parts) == 8 && parts[5] == "download":
		r.note("download")
		r.describe(w, parts[3], parts[4])
	case len(parts) == 5 && parts[0] == "mirror":
		r.note("mirror")
		r.mirror(w, parts[3], parts[4])
	case len(parts) == 4 && parts[0] == "files":
		r.file(w, req, r.archives[parts[1]+"/"+parts[2]], parts[3])
	default:
		http.NotFound(w, req)
	}
}

func (r *providerRegistry) versions(w http.ResponseWriter, name string) {
	type entry struct {
		Version   string              `json:"version"`
		Protocols []string            `json:"protocols"`
		Platforms []map[string]string `json:"platforms"`
	}
	var list []entry
	for id := range r.archives {
		if version, ok := strings.CutPrefix(id, name+"/"); ok {
			list = append(list, entry{version, []string{"5.0"}, []map[string]string{{"os": runtime.GOOS, "arch": runtime.GOARCH}}})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"versions": list})
}

// mirror speaks the protocol of network mirrors.
func (r *providerRegistry) mirror(w http.ResponseWriter, name, file string) {
	version, ok := strings.CutSuffix(file, ".json")
	if version == "index" {
		versions := map[string]any{}
		for id := range r.archives {
			if v, ok := strings.CutPrefix(id, name+"/"); ok {
				versions[v] = map[string]any{}
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"versions": versions})
		return
	}
	p := r.archives[name+"/"+version]
	if !ok || p == nil {
		http.Error(w, "no such version", http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"archives": map[string]any{
		runtime.GOOS + "_" + runtime.GOARCH: map[string]any{"url": r.server.URL + "/files/" + name + "/" + version + "/" + p.file},
	}})
}

func (r *providerRegistry) describe(w http.ResponseWriter, name, version string) {
	p := r.archives[name+"/"+version]
	if p == nil {
		http.Error(w, "no such version", http.StatusNotFound)
		return
	}
	var armored bytes.Buffer
	out, err := armor.Encode(&armored, openpgp.PublicKeyType, nil)
	if err == nil {
		err = r.key.Serialize(out)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		r.t.Error(err)
	}
	files := "/files/" + name + "/" + version + "/"
	_ = json.NewEncoder(w).Encode(map[string]any{
		"protocols": []string{"5.0"}, "os": runtime.GOOS, "arch": runtime.GOARCH, "filename": p.file, "shasum": p.sum,
		"download_url": files + p.file, "shasums_url": files + "SHA256SUMS", "shasums_signature_url": files + "SHA256SUMS.sig",
		"signing_keys": map[string]any{"gpg_public_keys": []any{map[string]string{
			"key_id": r.key.PrimaryKey.KeyIdString(), "ascii_armor": armored.String(),
		}}},
	})
}

func (r *providerRegistry) file(w http.ResponseWriter, req *http.Request, p *packed, name string) {
	if p == nil {
		http.NotFound(w, req)
		return
	}
	other := sha256.Sum256([]byte("another platform"))
	sums := fmt.Sprintf("%s  %s\n%x  %s\n", p.sum, p.file, other, strings.Replace(p.file, runtime.GOOS+"_", "plan9_", 1))
	switch name {
	case "SHA256SUMS":
		r.note("sums")
		_, _ = io.WriteString(w, sums)
	case "SHA256SUMS.sig":
		if err := openpgp.DetachSign(w, r.key, strings.NewReader(sums), nil); err != nil {
			r.t.Error(err)
		}
	case p.file:
		r.note("zip")
		time.Sleep(r.slow)
		data := p.data
		if r.broken {
			data = bytes.Clone(data)
			data[len(data)/2] ^= 1
		}
		_, _ = w.Write(data)
	}
}
