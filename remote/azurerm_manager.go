package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	azpolicy "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// azureManager speaks the API of Azure Resource Manager, which makes resource
// groups and storage accounts.
type azureManager struct {
	http  azpolicy.Transporter
	token azcore.TokenCredential
	cloud cloud.Configuration
	names azureNames
}

// The versions of the API that are spoken.
const (
	azureGroupsAPI  = "2021-04-01"
	azureStorageAPI = "2023-05-01"
	// azurePatience is how long making a storage account may take.
	azurePatience = 5 * time.Minute
)

func (m azureManager) group() string {
	return "/subscriptions/" + url.PathEscape(m.names.Subscription) + "/resourceGroups/" + url.PathEscape(m.names.Group)
}

func (m azureManager) account() string {
	return m.group() + "/providers/Microsoft.Storage/storageAccounts/" + url.PathEscape(m.names.Account)
}

func (m azureManager) blobs() string { return m.account() + "/blobServices/default" }

// azureCall is one request to the manager.
type azureCall struct {
	method, path, version string
	body                  any // JSON; nil for none
}

// do sends a request, waits until what it began is done, and reads the answer.
func (m azureManager) do(ctx context.Context, c azureCall, into any) error {
	service := m.cloud.Services[cloud.ResourceManager]
	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			return err
		}
	}
	address := strings.TrimSuffix(service.Endpoint, "/") + c.path + "?api-version=" + c.version
	code, header, text, err := m.send(ctx, c.method, address, body)
	for end := time.Now().Add(azurePatience); err == nil && code == http.StatusAccepted; {
		next := header.Get("Location")
		if next == "" {
			return errors.New("Azure Resource Manager does not say when it is done")
		}
		if time.Now().After(end) {
			return fmt.Errorf("Azure Resource Manager is not done after %s", azurePatience)
		}
		if err := pause(ctx, retryAfter(header)); err != nil {
			return err
		}
		code, header, text, err = m.send(ctx, http.MethodGet, next, nil)
	}
	if err != nil || into == nil || len(text) == 0 {
		return err
	}
	return json.Unmarshal(text, into)
}

func retryAfter(h http.Header) time.Duration {
	if d, err := time.ParseDuration(h.Get("Retry-After") + "s"); err == nil && d < time.Minute {
		return d
	}
	return 2 * time.Second
}

func (m azureManager) send(ctx context.Context, method, address string, body []byte) (int, http.Header, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, httpTimeout)
	defer cancel()
	token, err := m.token.GetToken(ctx, azpolicy.TokenRequestOptions{Scopes: []string{m.cloud.Services[cloud.ResourceManager].Audience + "/.default"}})
	if err != nil {
		return 0, nil, nil, fmt.Errorf("logging in to Azure: %w", azureError(err))
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, withoutURL(err)
	}
	req.Header.Set("Authorization", "Bearer "+token.Token)
	req.Header.Set("Content-Type", "application/json")
	answer, err := m.http.Do(req)
	if err != nil {
		return 0, nil, nil, withoutURL(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := readAll(answer.Body)
	if err == nil && answer.StatusCode > 299 {
		err = managerError(answer.StatusCode, text)
	}
	return answer.StatusCode, answer.Header, text, err
}

func managerError(code int, text []byte) error {
	var body struct {
		Error struct{ Code, Message string } `json:"error"`
	}
	if json.Unmarshal(text, &body) != nil || body.Error.Code == "" {
		return &AzureError{Status: code}
	}
	return &AzureError{Status: code, Code: body.Error.Code, Err: errors.New(body.Error.Message)}
}

// get reads something, and tells whether it is there.
func (m azureManager) get(ctx context.Context, path, version string, into any) (bool, error) {
	err := m.do(ctx, azureCall{method: http.MethodGet, path: path, version: version}, into)
	var e *AzureError
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

// accessKey asks for the account's first key.
func (m azureManager) accessKey(ctx context.Context) (string, error) {
	var answer struct {
		Keys []struct{ Value string } `json:"keys"`
	}
	err := m.do(ctx, azureCall{method: http.MethodPost, path: m.account() + "/listKeys", version: azureStorageAPI}, &answer)
	if err != nil {
		return "", fmt.Errorf("asking for the key of storage account %s: %w", m.names.Account, err)
	}
	if len(answer.Keys) == 0 || answer.Keys[0].Value == "" {
		return "", fmt.Errorf("storage account %s has no key", m.names.Account)
	}
	return answer.Keys[0].Value, nil
}
