//go:build unix

package test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"github.com/terrace-iac/terrace/test/parts"
)

// TestE2EStateClouds: the state that a real binary keeps on a real server is
// read without starting a process, and a lock that its apply holds is shown.
func TestE2EStateClouds(t *testing.T) {
	t.Parallel()
	t.Run("gcs", func(t *testing.T) {
		t.Parallel()
		server := parts.Use(t, parts.FakeGCS)
		answer, err := http.Post(server.URL+"/storage/v1/b?project=p", "application/json", strings.NewReader(`{"name":"states"}`))
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(answer, err)
		}
		_ = answer.Body.Close()
		eachBinary(t, func(t *testing.T, binary, path string) {
			c := cloudStage{newStage(t, cloudTree("gcs", `bucket = "states", prefix = "`+binary+`/${path_relative_to_include()}"`)), path, nil}
			c.holds(server.Env, "@", "apply")
		})
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		server := parts.Use(t, parts.MinIO)
		eachBinary(t, func(t *testing.T, binary, path string) {
			c := cloudStage{newStage(t, cloudTree("s3", `bucket = "states-`+binary+`", key = "${path_relative_to_include()}.tfstate", region = "us-east-1", use_path_style = true, use_lockfile = true, bucket_sse_algorithm = "AES256", skip_credentials_validation = true, skip_requesting_account_id = true`)), path, nil}
			for name, value := range server.Env {
				c.env = append(c.env, name+"="+value)
			}
			c.start("backend", "bootstrap", "--non-interactive", "--working-dir", "a").end(true, "create S3 bucket states-"+binary)
			c.holds(server.Env, "@", "apply")
		})
	})
	t.Run("pg", func(t *testing.T) {
		t.Parallel()
		server := parts.Use(t, parts.Postgres)
		eachBinary(t, func(t *testing.T, binary, path string) {
			c := cloudStage{newStage(t, cloudTree("pg", `schema_name = "`+binary+`_${path_relative_to_include()}"`)), path, nil}
			c.holds(server.Env, "postgres@127.0.0.1", "-")
		})
	})
	t.Run("azurerm", func(t *testing.T) {
		t.Parallel()
		server := parts.Use(t, parts.AzuriteHost)
		env := map[string]string{"SSL_CERT_FILE": server.Env["SSL_CERT_FILE"], "ARM_SAS_TOKEN": azureContainer(t, server)}
		eachBinary(t, func(t *testing.T, binary, path string) {
			c := cloudStage{newStage(t, cloudTree("azurerm", `storage_account_name = "`+parts.AzureAccount+`", container_name = "states", key = "`+binary+`/${path_relative_to_include()}.tfstate"`)), path, nil}
			c.within = underHosts(t, c.stage)
			c.holds(env, "@", "apply")
		})
	})
}

// eachBinary runs a test with each of the binaries that are there, one after
// the other.
func eachBinary(t *testing.T, test func(t *testing.T, binary, path string)) {
	found := 0
	for _, name := range []string{"tofu", "terraform"} {
		path, err := parts.Find(name)
		if err != nil {
			continue
		}
		found++
		t.Run(name, func(t *testing.T) { // not in parallel: they would share the server's end
			test(t, name, path)
		})
	}
	if found == 0 {
		t.Skip("neither tofu nor terraform is there; `make test` brings one")
	}
}

// cloudTree is a unit that is slow to apply, and one that uses its output. The
// binary is called through a script that notes how.
func cloudTree(backend, config string) string {
	return strings.NewReplacer("BACKEND", backend, "CONFIG", config, "MAIN", holding).Replace(`
-- tf --
#!/bin/sh
echo "$*" >> "$MARKS/calls"
exec "$REAL_BINARY" "$@"
-- live/root.hcl --
remote_state {
  backend  = "BACKEND"
  generate = { path = "backend.tf", if_exists = "overwrite" }
  config   = { CONFIG }
}
-- live/a/terragrunt.hcl --
include "root" { path = "../root.hcl" }
-- live/a/main.tf --
MAIN
-- live/b/terragrunt.hcl --
include "root" { path = "../root.hcl" }
dependency "a" { config_path = "../a" }
inputs = { from = dependency.a.outputs.made }
-- live/b/main.tf --
variable "from" {}
output "got" { value = "a said ${var.from}" }
`)
}

// cloudStage is a stage whose commands may be run within another one.
type cloudStage struct {
	*stage
	binary string // its path
	within []string
}

func (c cloudStage) terrace(words ...string) *command {
	all := append(append([]string{}, c.within...), append([]string{terraceBin(c.t)}, words...)...)
	return c.program(all[0], all[1:]...)
}

// holds applies the unit a, looks at its lock meanwhile, and then uses its
// output.
func (c cloudStage) holds(env map[string]string, who, operation string) {
	c.t.Helper()
	if err := os.Chmod(c.path("tf"), 0o755); err != nil {
		c.t.Fatal(err)
	}
	c.env = append(c.env, "REAL_BINARY="+c.binary, "TG_TF_PATH="+c.path("tf"))
	for name, value := range env {
		c.env = append(c.env, name+"="+value)
	}
	apply := c.terrace("apply", "-auto-approve", "--working-dir", "a")
	apply.until("the apply", func() bool { return c.exists("started") })
	locks := c.terrace("locks")
	locks.end(true, "a\t", who)
	if fields := strings.Split(strings.TrimSpace(lineWith(locks.said(), "a\t")), "\t"); len(fields) != 5 || fields[3] != operation {
		c.t.Errorf("locks says %q", locks.said())
	}
	c.terrace("apply", "-auto-approve", "--working-dir", "a").end(false, "The state is locked by", who)
	c.touch("go")
	apply.end(true)
	after := c.terrace("locks")
	after.end(true)
	if lineWith(after.said(), "a\t") != "" {
		c.t.Errorf("the lock is still shown: %q", after.said())
	}
	if err := os.Remove(c.path("calls")); err != nil {
		c.t.Fatal(err)
	}
	c.terrace("plan", "--working-dir", "b").end(true, "a said yes")
	calls, err := os.ReadFile(c.path("calls"))
	if err != nil {
		c.t.Fatal(err)
	}
	if lineWith(string(calls), "output") != "" || !strings.Contains(string(calls), "plan") {
		c.t.Errorf("the binary was called:\n%s", calls)
	}
}

// lineWith is the first line that begins so, "" for none.
func lineWith(text, begin string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, begin) {
			return line
		}
	}
	return ""
}

// underHosts gives the words before a command that let it find the account of
// Azurite by name, in a view of the file system of its own.
func underHosts(t *testing.T, s *stage) []string {
	t.Helper()
	hosts, err := os.ReadFile("/etc/hosts")
	if err != nil {
		t.Skip(err)
	}
	file := s.path("hosts")
	if err := os.WriteFile(file, append(hosts, "\n127.0.0.77 "+parts.AzureHost+"\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	words := []string{"unshare", "-m", "sh", "-c", `mount --bind "$0" /etc/hosts && exec "$@"`, file}
	if out, err := exec.Command(words[0], append(words[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("needs unshare and the right to mount: %v %s", err, out)
	}
	return words
}

// azureContainer makes the container states and gives a token that opens it.
func azureContainer(t *testing.T, server *parts.Server) string {
	t.Helper()
	cert, err := os.ReadFile(server.Env["SSL_CERT_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(cert)
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: trusted},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", server.Addr)
		},
	}}
	key, err := container.NewSharedKeyCredential(parts.AzureAccount, parts.AzureKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := container.NewClientWithSharedKeyCredential("https://"+parts.AzureHost+"/states", key, &container.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: client}})
	if err == nil {
		_, err = c.Create(context.Background(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	token, err := sas.AccountSignatureValues{
		Protocol: sas.ProtocolHTTPSandHTTP, ExpiryTime: time.Now().UTC().Add(time.Hour),
		Permissions:   (&sas.AccountPermissions{Read: true, Write: true, Delete: true, List: true, Add: true, Create: true}).String(),
		ResourceTypes: (&sas.AccountResourceTypes{Service: true, Container: true, Object: true}).String(),
	}.SignWithSharedKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return token.Encode()
}
