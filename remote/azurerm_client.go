package remote

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azpolicy "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// azureNames say which container is meant.
type azureNames struct {
	Subscription, Group, Account, Container string
	Directory                               bool // tokens open the blobs themselves
}

func azureNamesOf(s Settings) (azureNames, error) {
	n := azureNames{
		Subscription: s.text("subscription_id", "ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"),
		Group:        s.text("resource_group_name", "ARM_RESOURCE_GROUP_NAME"),
		Account:      s.text("storage_account_name"), Container: s.text("container_name"),
		Directory: s.flag("use_azuread_auth", "ARM_USE_AZUREAD"),
	}
	for key, value := range map[string]string{"storage_account_name": n.Account, "container_name": n.Container} {
		if value == "" {
			return n, fmt.Errorf("azurerm backend: %s is not set", key)
		}
		for _, c := range value {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || key == "storage_account_name") {
				return n, fmt.Errorf("azurerm backend: %s is no name that Azure takes", key)
			}
		}
	}
	return n, nil
}

// azureOptions are those of every client of Azure's library.
func azureOptions(l azureLogin, t http.RoundTripper) (azcore.ClientOptions, string, error) {
	config, blobs, err := l.cloud()
	return azcore.ClientOptions{
		Cloud: config, Transport: &http.Client{Transport: t},
		Telemetry: azpolicy.TelemetryOptions{Disabled: true},
		Retry:     azpolicy.RetryOptions{MaxRetries: 2, TryTimeout: httpTimeout, MaxRetryDelay: 4 * time.Second},
	}, blobs, err
}

// azureTokens logs in once for all that a run does.
func azureTokens(s Settings, login azureLogin) (azcore.TokenCredential, error) {
	return sharedClient(s, []string{"token", fmt.Sprint(login)}, func(t http.RoundTripper) (azcore.TokenCredential, error) {
		options, _, err := azureOptions(login, t)
		if err != nil {
			return nil, err
		}
		return login.token(options)
	})
}

// azureContainerOf gives the client of the container: with a signature, a key,
// or the tokens of an identity. An identity that the settings do not send to
// the blobs themselves asks for the account's key first, as the binary does.
func azureContainerOf(ctx context.Context, s Settings) (*container.Client, error) {
	names, err := azureNamesOf(s)
	if err != nil {
		return nil, err
	}
	login, err := azureLoginOf(s)
	if err != nil {
		return nil, err
	}
	return sharedClient(s, []string{"container", fmt.Sprint(names), fmt.Sprint(login)}, func(t http.RoundTripper) (*container.Client, error) {
		options, blobs, err := azureOptions(login, t)
		if err != nil {
			return nil, err
		}
		address := "https://" + names.Account + "." + blobs + "/" + names.Container
		o := &container.ClientOptions{ClientOptions: options}
		if login.SAS != "" {
			return container.NewClientWithNoCredential(address+"?"+login.SAS, o)
		}
		if login.AccessKey == "" {
			token, err := azureTokens(s, login)
			if err != nil {
				return nil, err
			}
			if names.Directory || names.Subscription == "" || names.Group == "" {
				return container.NewClient(address, token, o)
			}
			manager := azureManager{http: options.Transport, token: token, cloud: options.Cloud, names: names}
			if login.AccessKey, err = manager.accessKey(ctx); err != nil {
				return nil, err
			}
		}
		key, err := container.NewSharedKeyCredential(names.Account, login.AccessKey)
		if err != nil {
			return nil, errors.New("access_key is not base64")
		}
		return container.NewClientWithSharedKeyCredential(address, key, o)
	})
}

// azureKey is the customer's key that blobs are encrypted with, nil for none.
func azureKey(s Settings) (*blob.CPKInfo, error) {
	text := s.text("customer_provided_key", "ARM_CUSTOMER_PROVIDED_KEY")
	if text == "" {
		return nil, nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("customer_provided_key is not base64")
	}
	sum := sha256.Sum256(raw)
	shown, algorithm := base64.StdEncoding.EncodeToString(sum[:]), blob.EncryptionAlgorithmTypeAES256
	return &blob.CPKInfo{EncryptionKey: &text, EncryptionKeySHA256: &shown, EncryptionAlgorithm: &algorithm}, nil
}
