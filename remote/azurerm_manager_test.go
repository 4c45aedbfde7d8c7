package remote

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/terrace-iac/terrace/test/parts"
)

// azureCloud is a server that answers as the login service and as Azure
// Resource Manager do: there is no emulator of either.
type azureCloud struct {
	mu      sync.Mutex
	things  map[string]map[string]any // by path
	pending string                    // what is still being made
	log     []string                  // changes, and logins
}

func (c *azureCloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch r.Host {
	case "login.microsoftonline.com", "login.microsoft.com":
		c.login(w, r)
	case "management.azure.com":
		if r.Header.Get("Authorization") != "Bearer manager-token" {
			answer(w, http.StatusUnauthorized, map[string]any{"error": map[string]any{"code": "InvalidAuthenticationToken", "message": "no"}})
			return
		}
		c.manage(w, r)
	default:
		http.Error(w, r.Host, http.StatusBadGateway)
	}
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

func (c *azureCloud) login(w http.ResponseWriter, r *http.Request) {
	const base = "https://login.microsoftonline.com/tenant"
	switch {
	case strings.HasSuffix(r.URL.Path, "/discovery/instance"):
		answer(w, 200, map[string]any{"tenant_discovery_endpoint": base + "/v2.0/.well-known/openid-configuration", "metadata": []any{map[string]any{
			"preferred_network": "login.microsoftonline.com", "preferred_cache": "login.windows.net", "aliases": []string{"login.microsoftonline.com"},
		}}})
	case strings.HasSuffix(r.URL.Path, "/openid-configuration"):
		answer(w, 200, map[string]any{"authorization_endpoint": base + "/authorize", "token_endpoint": base + "/token", "issuer": base})
	default:
		_ = r.ParseForm()
		c.log = append(c.log, "login "+r.PostForm.Get("client_id")+" "+r.PostForm.Get("client_secret")+r.PostForm.Get("client_assertion"))
		answer(w, 200, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": "manager-token"})
	}
}

func (c *azureCloud) manage(w http.ResponseWriter, r *http.Request) {
	path := strings.ToLower(r.URL.Path)
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(path, "/listkeys"):
		answer(w, 200, map[string]any{"keys": []any{map[string]any{"value": parts.AzureKey}}})
	case r.Method == http.MethodGet && path == "/operations/1":
		if c.pending != "" {
			c.pending = ""
			w.Header().Set("Location", "https://management.azure.com/operations/1")
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusAccepted)
			return
		}
		answer(w, 200, map[string]any{})
	case r.Method == http.MethodGet && c.things[path] == nil:
		answer(w, 404, map[string]any{"error": map[string]any{"code": "ResourceNotFound", "message": "not found"}})
	case r.Method == http.MethodGet:
		answer(w, 200, c.things[path])
	case r.Method == http.MethodPut:
		c.make(w, r, path)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (c *azureCloud) make(w http.ResponseWriter, r *http.Request, path string) {
	body, _ := io.ReadAll(r.Body)
	var thing map[string]any
	if err := json.Unmarshal(body, &thing); err != nil {
		answer(w, 400, nil)
		return
	}
	c.log = append(c.log, r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]+" "+string(body))
	c.things[path] = thing
	if strings.HasSuffix(path, "/storageaccounts/"+parts.AzureAccount) {
		c.things[path+"/blobservices/default"] = map[string]any{"properties": map[string]any{"changeFeed": map[string]any{"enabled": true}}}
		c.pending = path
		w.Header().Set("Location", "https://management.azure.com/operations/1")
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answer(w, 200, thing)
}

// split sends what is for blobs one way and the rest the other.
type split struct{ blobs, rest http.RoundTripper }

func (s split) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Host, ".blob.core.windows.net") {
		return s.blobs.RoundTrip(req)
	}
	return s.rest.RoundTrip(req)
}

// managed gives settings of a service principal that may make everything.
func managed(t *testing.T, s Settings, more map[string]any) (*azureCloud, Settings) {
	t.Helper()
	c := &azureCloud{things: map[string]map[string]any{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	s.clients.transport = split{s.clients.transport, rerouted{server.URL}}
	s.Env = []string{"ARM_TENANT_ID=tenant", "ARM_CLIENT_ID=app", "ARM_CLIENT_SECRET=secret", "ARM_SUBSCRIPTION_ID=sub"}
	s.Config["resource_group_name"] = "group"
	maps.Copy(s.Config, more)
	return c, s
}

// withoutBlobs gives settings of an account that is not there.
func withoutBlobs() Settings {
	return Settings{Backend: "azurerm", clients: &clientCache{transport: notFound{}}, Config: map[string]any{"storage_account_name": "new", "container_name": "c", "key": "k"}}
}

func spelled(changes []Change) string {
	var texts []string
	for _, c := range changes {
		texts = append(texts, c.String())
	}
	return strings.Join(texts, "\n")
}

func TestE2EAzureBootstrap(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	a := azurerm{}
	cloud, s := managed(t, azurite(t, "made"), map[string]any{"location": "westeurope", "tags": map[string]any{"team": "net"}, "enable_soft_delete": true, "soft_delete_retention_days": 400})
	missing, err := a.Missing(ctx, s)
	want := `create resource group group: in westeurope
create storage account devstoreaccount1: StorageV2, Standard_LRS, Hot, in westeurope
update storage account devstoreaccount1: versioning on
update storage account devstoreaccount1: deleted blobs are kept for 7 days (soft_delete_retention_days = 400 is not between 1 and 365)
create container devstoreaccount1/made: private`
	if err != nil || spelled(missing) != want {
		t.Fatalf("missing: %v\n%s", err, spelled(missing))
	}
	third := 0
	done, err := a.Bootstrap(ctx, s, func(Change) (bool, error) { third++; return third < 3, nil })
	if !errors.Is(err, ErrRefused) || len(done) != 2 {
		t.Errorf("refused the third: got %v %v", done, err)
	}
	done, err = a.Bootstrap(ctx, s, nil)
	if err != nil || len(done) != 3 || done[2] != missing[4] {
		t.Fatalf("went on: got %v %v", done, err)
	}
	if missing, err := a.Missing(ctx, s); err != nil || len(missing) != 0 {
		t.Errorf("missing still: got %v %v", missing, err)
	}
	if done, err := a.Bootstrap(ctx, s, nil); err != nil || len(done) != 0 {
		t.Errorf("again: got %v %v", done, err)
	}
	wantLog := `login app secret
group {"location":"westeurope","tags":{"team":"net"}}
devstoreaccount1 {"kind":"StorageV2","location":"westeurope","properties":{"accessTier":"Hot","allowBlobPublicAccess":false,"minimumTlsVersion":"TLS1_2","supportsHttpsTrafficOnly":true},"sku":{"name":"Standard_LRS"},"tags":{"team":"net"}}
default {"properties":{"changeFeed":{"enabled":true},"isVersioningEnabled":true}}
default {"properties":{"changeFeed":{"enabled":true},"deleteRetentionPolicy":{"days":7,"enabled":true},"isVersioningEnabled":true}}`
	if got := strings.Join(cloud.log, "\n"); got != wantLog {
		t.Errorf("the cloud saw\n%s", got)
	}
	if versioned, err := a.Versioned(ctx, s); err != nil || !versioned {
		t.Errorf("versioned: got %v %v", versioned, err)
	}
	putAzure(t)(s, storedState)
	if state, err := a.State(ctx, s); err != nil || state.Serial != 7 {
		t.Errorf("with the account's key: got %+v %v", state, err)
	}
}

// What cannot be made is said, not passed over.
func TestAzureCannot(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	a := azurerm{}
	for name, c := range map[string]struct {
		more map[string]any
		want string
	}{
		"no location": {nil, "resource group group does not exist, and cannot be created without location"},
		"skipped":     {map[string]any{"skip_resource_group_creation": true, "location": "x"}, "resource group group does not exist, and skip_resource_group_creation is set"},
		"environment": {map[string]any{"environment": "mars"}, "environment mars is not known"},
		"bad name":    {map[string]any{"storage_account_name": "a/../b"}, "storage_account_name is no name that Azure takes"},
		"other cloud": {map[string]any{"metadata_host": "h"}, "metadata_host"},
	} {
		_, s := managed(t, withoutBlobs(), c.more)
		if done, err := a.Bootstrap(ctx, s, nil); err == nil || !strings.Contains(err.Error(), c.want) || len(done) != 0 {
			t.Errorf("%s: got %v %v", name, done, err)
		}
	}
	s := Settings{Backend: "azurerm", Config: map[string]any{"storage_account_name": "nosuchaccount", "container_name": "c", "key": "k", "access_key": parts.AzureKey}}
	s.clients = &clientCache{transport: notFound{}}
	_, err := a.Bootstrap(ctx, s, nil)
	if err == nil || !strings.Contains(err.Error(), "only the container can be created") {
		t.Errorf("a key alone: got %v", err)
	}
}

// A federated identity asks who vouches for it, each time it logs in.
func TestAzureOIDC(t *testing.T) {
	t.Parallel()
	cloud, s := managed(t, withoutBlobs(), map[string]any{"location": "x", "use_oidc": true})
	s.Env = append(s.Env, "ARM_CLIENT_SECRET=", "ARM_OIDC_TOKEN=vouched")
	if _, err := (azurerm{}).Missing(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	if len(cloud.log) != 1 || cloud.log[0] != "login app vouched" {
		t.Errorf("the cloud saw %q", cloud.log)
	}
}
