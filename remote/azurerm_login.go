package remote

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// azureLogin is everything that says who we are to Azure. The first of its
// parts that is there is used, in the order of the fields.
type azureLogin struct {
	SAS, AccessKey string

	Tenant, Client            string
	Secret                    string
	Certificate, CertPassword string // PKCS#12 or PEM
	MSI                       bool
	MSIResource               string
	OIDC                      azureOIDC
	CLI                       bool

	Environment string // "" is the public cloud
}

// azureOIDC says where the token of a federated identity comes from.
type azureOIDC struct {
	Use, AKS                 bool
	Token, File              string
	RequestURL, RequestToken string
	PipelineConnection       string // of Azure DevOps
}

// azureLoginOf finds the credentials in the settings and in the environment.
func azureLoginOf(s Settings) (azureLogin, error) {
	l := azureLogin{
		SAS:          strings.TrimPrefix(s.text("sas_token", "ARM_SAS_TOKEN", "AZURE_STORAGE_SAS_TOKEN"), "?"),
		AccessKey:    s.text("access_key", "ARM_ACCESS_KEY", "AZURE_STORAGE_KEY"),
		Tenant:       s.text("tenant_id", "ARM_TENANT_ID", "AZURE_TENANT_ID"),
		Client:       s.text("client_id", "ARM_CLIENT_ID", "AZURE_CLIENT_ID"),
		Secret:       s.text("client_secret", "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"),
		CertPassword: s.text("client_certificate_password", "ARM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"),
		MSI:          s.flag("use_msi", "ARM_USE_MSI"),
		MSIResource:  s.text("msi_resource_id", "ARM_MSI_RESOURCE_ID"),
		CLI:          s.text("use_cli", "ARM_USE_CLI") != "false",
		Environment:  strings.ToLower(s.text("environment", "ARM_ENVIRONMENT", "AZURE_ENVIRONMENT")),
		OIDC: azureOIDC{
			Use: s.flag("use_oidc", "ARM_USE_OIDC"), AKS: s.flag("use_aks_workload_identity", "ARM_USE_AKS_WORKLOAD_IDENTITY"),
			Token: s.text("oidc_token", "ARM_OIDC_TOKEN"), File: s.text("oidc_token_file_path", "ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"),
			RequestURL:         s.text("oidc_request_url", "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL"),
			RequestToken:       s.text("oidc_request_token", "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"),
			PipelineConnection: s.text("ado_service_connection_id", "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"),
		},
	}
	if l.OIDC.File != "" {
		l.OIDC.File = s.file(l.OIDC.File)
	}
	if s.text("metadata_host", "ARM_METADATA_HOST") != "" {
		return l, errors.New("metadata_host names a cloud that only the binary can find")
	}
	return l, l.files(s)
}

// files reads what the settings only name by the path of a file.
func (l *azureLogin) files(s Settings) error {
	for _, f := range []struct {
		into *string
		path string
	}{
		{&l.Client, s.text("client_id_file_path", "ARM_CLIENT_ID_FILE_PATH")},
		{&l.Secret, s.text("client_secret_file_path", "ARM_CLIENT_SECRET_FILE_PATH")},
		{&l.Certificate, s.text("client_certificate_path", "ARM_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH")},
	} {
		if f.path == "" || *f.into != "" {
			continue
		}
		text, err := os.ReadFile(s.file(f.path))
		if err != nil {
			return err
		}
		*f.into = string(text)
		if f.into != &l.Certificate {
			*f.into = strings.TrimSpace(string(text))
		}
	}
	if inline := s.text("client_certificate", "ARM_CLIENT_CERTIFICATE"); inline != "" && l.Certificate == "" {
		text, err := base64.StdEncoding.DecodeString(inline)
		if err != nil {
			return errors.New("client_certificate is not base64")
		}
		l.Certificate = string(text)
	}
	return nil
}

// cloud gives the addresses of a cloud, and where its blobs are.
func (l azureLogin) cloud() (config cloud.Configuration, blobs string, err error) {
	switch l.Environment {
	case "", "public", "global", "canary":
		return cloud.AzurePublic, "blob.core.windows.net", nil
	case "usgovernment", "usgovernmentl4", "usgovernmentl5", "dod":
		return cloud.AzureGovernment, "blob.core.usgovcloudapi.net", nil
	case "china":
		return cloud.AzureChina, "blob.core.chinacloudapi.cn", nil
	}
	return cloud.Configuration{}, "", fmt.Errorf("environment %s is not known: it is public, usgovernment or china", l.Environment)
}

// token gives the source of tokens: a service principal, the machine's
// identity, a federated one, or last the one that is logged in to the az
// command.
func (l azureLogin) token(o azcore.ClientOptions) (azcore.TokenCredential, error) {
	switch principal := l.Tenant != "" && l.Client != ""; {
	case principal && l.Certificate != "":
		certs, key, err := azidentity.ParseCertificates([]byte(l.Certificate), []byte(l.CertPassword))
		if err != nil {
			return nil, errors.New("the client certificate cannot be read")
		}
		return azidentity.NewClientCertificateCredential(l.Tenant, l.Client, certs, key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: o})
	case principal && l.Secret != "":
		return azidentity.NewClientSecretCredential(l.Tenant, l.Client, l.Secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: o})
	case l.MSI:
		return l.machine(o)
	case principal && l.OIDC.Use && l.OIDC.PipelineConnection != "" && l.OIDC.Token == "" && l.OIDC.File == "":
		return azidentity.NewAzurePipelinesCredential(l.Tenant, l.Client, l.OIDC.PipelineConnection, l.OIDC.RequestToken, &azidentity.AzurePipelinesCredentialOptions{ClientOptions: o})
	case principal && l.OIDC.Use:
		assert := func(ctx context.Context) (string, error) { return l.OIDC.assertion(ctx, o) }
		return azidentity.NewClientAssertionCredential(l.Tenant, l.Client, assert, &azidentity.ClientAssertionCredentialOptions{ClientOptions: o})
	case l.OIDC.AKS:
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: o, ClientID: l.Client, TenantID: l.Tenant, TokenFilePath: l.OIDC.File,
		})
	case l.CLI:
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: l.Tenant})
	}
	return nil, errors.New("no credentials for Azure: give a SAS token, an access key, a service principal, or set use_msi, use_oidc or use_cli")
}

func (l azureLogin) machine(o azcore.ClientOptions) (azcore.TokenCredential, error) {
	options := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: o}
	switch {
	case l.MSIResource != "":
		options.ID = azidentity.ResourceID(l.MSIResource)
	case l.Client != "":
		options.ID = azidentity.ClientID(l.Client)
	}
	return azidentity.NewManagedIdentityCredential(options)
}

// assertion gives the token of whoever vouches for us; each time anew, since
// it lives for minutes.
func (o azureOIDC) assertion(ctx context.Context, options azcore.ClientOptions) (string, error) {
	switch {
	case o.Token != "":
		return o.Token, nil
	case o.File != "":
		text, err := os.ReadFile(o.File)
		return strings.TrimSpace(string(text)), err
	case o.RequestURL == "" || o.RequestToken == "":
		return "", errors.New("use_oidc needs oidc_token, oidc_token_file_path, or oidc_request_url and oidc_request_token")
	}
	u, err := url.Parse(o.RequestURL)
	if err != nil {
		return "", errors.New("oidc_request_url is no address")
	}
	query := u.Query()
	if !query.Has("audience") {
		query.Set("audience", o.audience(options.Cloud))
	}
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", withoutURL(err)
	}
	req.Header.Set("Authorization", "Bearer "+o.RequestToken)
	req.Header.Set("Accept", "application/json; api-version=2.0")
	answer, err := options.Transport.Do(req)
	if err != nil {
		return "", withoutURL(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := readAll(answer.Body)
	if err != nil {
		return "", err
	}
	var token struct {
		Value string `json:"value"`
	}
	if answer.StatusCode != http.StatusOK || json.Unmarshal(text, &token) != nil || token.Value == "" {
		return "", fmt.Errorf("the server of oidc_request_url gave no token: status %d", answer.StatusCode)
	}
	return token.Value, nil
}

func (azureOIDC) audience(c cloud.Configuration) string {
	switch c.ActiveDirectoryAuthorityHost {
	case cloud.AzureGovernment.ActiveDirectoryAuthorityHost:
		return "api://AzureADTokenExchangeUSGov"
	case cloud.AzureChina.ActiveDirectoryAuthorityHost:
		return "api://AzureADTokenExchangeChina"
	}
	return "api://AzureADTokenExchange"
}
