package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"github.com/terrace-iac/terrace/test/parts"
)

// azurite gives settings for a container of a running Azurite.
func azurite(t *testing.T, name string) Settings {
	t.Helper()
	server := parts.Use(t, parts.Azurite)
	cert, err := os.ReadFile(server.Env["SSL_CERT_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(cert)
	s := with(server, "azurerm", map[string]any{"storage_account_name": parts.AzureAccount, "container_name": name, "key": "live/vpc.tfstate"})
	s.clients.transport = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: trusted},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", server.Addr)
		},
	}
	return s
}

func putAzure(t *testing.T) func(s Settings, text string) {
	return func(s Settings, text string) {
		t.Helper()
		c, err := azureContainerOf(context.Background(), s)
		if err == nil {
			_, err = c.NewBlockBlobClient(azureBlob(s)).UploadBuffer(context.Background(), []byte(text), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestE2EAzure(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := azurite(t, "states")
	a := azurerm{}
	if _, err := a.State(ctx, s); !errors.Is(err, ErrNoState) {
		t.Errorf("no container: got %v", err)
	}
	missing, err := a.Missing(ctx, s)
	if err != nil || len(missing) != 1 || missing[0].String() != "create container devstoreaccount1/states: private" {
		t.Fatalf("missing: got %v %v", missing, err)
	}
	if _, err := a.Bootstrap(ctx, s, func(Change) (bool, error) { return false, nil }); !errors.Is(err, ErrRefused) {
		t.Errorf("refused: got %v", err)
	}
	var asked []Change
	for range 2 {
		if _, err := a.Bootstrap(ctx, anew(s), noting(&asked)); err != nil || len(asked) != 1 {
			t.Fatalf("bootstrap: asked %v, got %v", asked, err)
		}
	}
	many := anew(s)
	many.Config = map[string]any{"storage_account_name": parts.AzureAccount, "container_name": "many", "key": "k"}
	bootstrapsOnce(t, many)
	putAzure(t)(s, "")
	keepsEmpty(t, s)
	keepsStates(t, s, putAzure(t))
	elsewhere := s
	elsewhere.Config = map[string]any{"storage_account_name": parts.AzureAccount, "container_name": "states", "key": "live/net.tfstate"}
	managesStates(t, s, elsewhere, putAzure(t))
	if found, err := a.List(ctx, s); err != nil || spellsOut(found) != "live/net.tfstate[] live/vpc.tfstate[dev]" || found[0].Modified.IsZero() {
		t.Errorf("list: got %v %v", found, err)
	}
	if versioned, err := a.Versioned(ctx, elsewhere); err != nil || versioned {
		t.Errorf("versioned: got %v %v", versioned, err) // Azurite keeps no versions
	}
	other := s
	other.Config = map[string]any{"storage_account_name": "other", "container_name": "states", "key": "k"}
	if _, err := a.Move(ctx, s, other, nil); err == nil || !strings.Contains(err.Error(), "within one storage account") {
		t.Errorf("another account: got %v", err)
	}
}

// keepsEmpty checks that a blob that was only made to be locked is no state,
// and removes it.
func keepsEmpty(t *testing.T, s Settings) {
	t.Helper()
	a := azurerm{}
	if _, err := a.State(context.Background(), s); !errors.Is(err, ErrNoState) {
		t.Errorf("empty blob: got %v", err)
	}
	if found, err := a.List(context.Background(), s); err != nil || len(found) != 0 {
		t.Errorf("empty blob: listed %v %v", found, err)
	}
	if done, err := a.Delete(context.Background(), s, nil); err != nil || len(done) != 1 {
		t.Errorf("empty blob: got %v %v", done, err)
	}
}

// A lock is a lease with a note; it stops changes, and is kept.
func TestE2EAzureLock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := azurite(t, "locked")
	a := azurerm{}
	if _, err := a.Bootstrap(ctx, s, nil); err != nil {
		t.Fatal(err)
	}
	putAzure(t)(s, storedState)
	held, err := azureTake(ctx, s, "OperationTypeApply", false)
	if err != nil {
		t.Fatal(err)
	}
	l, err := LockOf(ctx, s)
	if err != nil || l == nil || l.ID != *held.lease.LeaseID() || l.Operation != "OperationTypeApply" || l.Who == "" || time.Since(l.Created) > time.Hour {
		t.Errorf("lock: got %+v %v", l, err)
	}
	var taken *HeldError
	if _, err := a.Delete(ctx, s, nil); !errors.As(err, &taken) || !strings.Contains(err.Error(), " for apply since ") {
		t.Errorf("delete: got %v", err)
	}
	elsewhere := s
	elsewhere.Config = map[string]any{"storage_account_name": parts.AzureAccount, "container_name": "locked", "key": "other"}
	if _, err := a.Move(ctx, s, elsewhere, nil); !errors.As(err, &taken) {
		t.Errorf("move: got %v", err)
	}
	if state, err := a.State(ctx, s); err != nil || state.Serial != 7 {
		t.Errorf("a locked state is read: got %+v %v", state, err)
	}
	if err := held.release(ctx); err != nil {
		t.Fatal(err)
	}
	if l, err := LockOf(ctx, s); err != nil || l != nil {
		t.Errorf("released: got %+v %v", l, err)
	}
}

// A state that appears at the target while it is moved is never deleted.
func TestE2EAzureMoveRace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := azurite(t, "race")
	if _, err := (azurerm{}).Bootstrap(ctx, s, nil); err != nil {
		t.Fatal(err)
	}
	target := s
	target.Config = map[string]any{"storage_account_name": parts.AzureAccount, "container_name": "race", "key": "other"}
	putAzure(t)(s, storedState)
	putAzure(t)(target, strings.Replace(storedState, `"serial": 7`, `"serial": 9`, 1))
	if err := azureMove(ctx, s, target); !errors.Is(err, ErrStateExists) {
		t.Errorf("got %v", err)
	}
	for place, serial := range map[*Settings]uint64{&s: 7, &target: 9} {
		if state, err := (azurerm{}).State(ctx, *place); err != nil || state.Serial != serial {
			t.Errorf("got %+v %v, want serial %d", state, err, serial)
		}
		if l, err := LockOf(ctx, *place); err != nil || l != nil {
			t.Errorf("left a lock: %+v %v", l, err)
		}
	}
}

// A signature opens the container, with and without its question mark, and is
// in no error.
func TestE2EAzureSAS(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := azurite(t, "signed")
	if _, err := (azurerm{}).Bootstrap(ctx, s, nil); err != nil {
		t.Fatal(err)
	}
	putAzure(t)(s, storedState)
	key, err := container.NewSharedKeyCredential(parts.AzureAccount, parts.AzureKey)
	if err != nil {
		t.Fatal(err)
	}
	token, err := sas.AccountSignatureValues{
		Protocol: sas.ProtocolHTTPSandHTTP, ExpiryTime: time.Now().UTC().Add(time.Hour),
		Permissions:   (&sas.AccountPermissions{Read: true, List: true}).String(),
		ResourceTypes: (&sas.AccountResourceTypes{Container: true, Object: true}).String(),
	}.SignWithSharedKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"", "?"} {
		s.Config["sas_token"] = prefix + token.Encode()
		if state, err := (azurerm{}).State(ctx, s); err != nil || state.Serial != 7 {
			t.Errorf("%q: got %+v %v", prefix, state, err)
		}
	}
	signature := token.Signature()
	if _, err := (azurerm{}).Delete(ctx, s, nil); err == nil || strings.Contains(err.Error(), signature) || !strings.Contains(err.Error(), "Azure answered 403") {
		t.Errorf("a signature that may not delete: got %v", err)
	}
	s.clients = &clientCache{transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("cut") }}}
	if _, err := (azurerm{}).State(ctx, s); !errors.Is(err, ErrUnreadable) || strings.Contains(err.Error(), "sig=") {
		t.Errorf("nobody there: got %v", err)
	}
	s.Config["sas_token"] = "sig=" + base64.StdEncoding.EncodeToString([]byte("wrong"))
	if _, err := (azurerm{}).Missing(ctx, s); err == nil || strings.Contains(err.Error(), "sig=") {
		t.Errorf("wrong signature: got %v", err)
	}
}
