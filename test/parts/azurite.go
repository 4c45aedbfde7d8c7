package parts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"
)

// The account that Azurite knows. Its key is in Azurite's documentation and
// opens nothing outside this machine.
const (
	AzureAccount = "devstoreaccount1"
	AzureKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	AzureHost    = AzureAccount + ".blob.core.windows.net"
)

// startAzurite starts a server of Azure Blob Storage, which keeps blobs in
// memory. It answers https with the certificate in the variable SSL_CERT_FILE
// under the name AzureHost, which clients have to be led to its address.
func startAzurite(b *box) (*Server, error) {
	if err := selfSigned(b, AzureHost); err != nil {
		return nil, err
	}
	addr, err := attempts(func(port string) error { return azuriteAt(b, "127.0.0.1", port) })
	return azuriteServer(b, addr), err
}

// startAzuriteHost starts it where the binary looks for it: at the port of
// https, on a loopback address of its own.
func startAzuriteHost(b *box) (*Server, error) {
	if err := selfSigned(b, AzureHost); err != nil {
		return nil, err
	}
	const at = "127.0.0.77"
	return azuriteServer(b, at+":443"), azuriteAt(b, at, "443")
}

func azuriteServer(b *box, addr string) *Server {
	return &Server{Addr: addr, URL: "https://" + addr, Env: map[string]string{"SSL_CERT_FILE": b.path("cert.pem"), "ARM_ACCESS_KEY": AzureKey}}
}

func azuriteAt(b *box, host, port string) error {
	p, err := b.run([]string{"PATH=" + dirsOnPath()}, "azurite-blob", "--blobHost", host, "--blobPort", port, "--cert", b.path("cert.pem"), "--key", b.path("key.pem"),
		"--inMemoryPersistence", "--skipApiVersionCheck", "--loose", "--disableTelemetry")
	if err != nil {
		return err
	}
	return p.until(func() error {
		c, err := net.DialTimeout("tcp", host+":"+port, time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

// selfSigned writes a certificate for a name, cert.pem, and its key, key.pem.
func selfSigned(b *box, name string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(127, 0, 0, 77)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for file, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(b.path(file), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}
