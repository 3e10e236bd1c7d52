package fermata_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatatest"
	"fermata.dev/clients/go/fermatav1"
)

// certificates are files of a CA, a server and a client.
type certificates struct {
	t      *testing.T
	folder string
	ca     *x509.Certificate
	key    *ecdsa.PrivateKey
}

func (c *certificates) file(name string) string { return filepath.Join(c.folder, name) }

func newCertificates(t *testing.T) *certificates {
	t.Helper()
	c := &certificates{t: t, folder: t.TempDir()}
	c.ca, c.key = c.make("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return c
}

// make writes NAME.pem and NAME.key.
func (c *certificates) make(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	template.SerialNumber, _ = rand.Int(rand.Reader, big.NewInt(1<<62))
	template.Subject = pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := c.ca, c.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		c.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		c.t.Fatal(err)
	}
	writeFile(c.t, c.file(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	writeFile(c.t, c.file(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	made, err := x509.ParseCertificate(der)
	if err != nil {
		c.t.Fatal(err)
	}
	return made, key
}

// writeFile replaces a file at once, as whoever renews a token does.
func writeFile(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// allow makes the one that has the token the owner of the core network, and the client's certificate an operator.
func allow(t *testing.T, file, token string) {
	t.Helper()
	writeFile(t, file, fmt.Appendf(nil, `
[[principal]]
name = "vnfm"
roles = ["owner"]
projects = [%q]
tokens = ["sha256:%x"]

[[principal]]
name = "noc"
roles = ["operator"]
certificates = ["dns:noc.test"]
`, fermatatest.CoreNetwork, sha256.Sum256([]byte(token))))
}

func TestACredentialIsRenewedUnderAnOpenStream(t *testing.T) {
	t.Parallel()
	c := newCertificates(t)
	c.make("server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	c.make("client", &x509.Certificate{DNSNames: []string{"noc.test"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	principals, token := c.file("principals.toml"), c.file("token")
	allow(t, principals, "fermata_first")
	writeFile(t, token, []byte("fermata_first\n"))
	server := startFast(t, "--principals", principals, "--server-cert", c.file("server.pem"), "--server-key", c.file("server.key"),
		"--client-ca", c.file("ca.pem"))
	address := "https" + server.Address()[len("http"):]
	connect := func(options ...fermata.Option) *fermata.Connection {
		connection, err := fermata.Connect(address, append(options, fermata.WithTLSCA(c.file("ca.pem")))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = connection.Close() })
		return connection
	}

	noc := connect(fermata.WithTLSIdentity(c.file("client.pem"), c.file("client.key")))
	if _, err := noc.Hosts().ListHosts(limited(t), &fermatav1.ListHostsRequest{}); err != nil {
		t.Error("a certificate was not taken:", err)
	}
	if _, err := connect().Hosts().ListHosts(limited(t), &fermatav1.ListHostsRequest{}); fermata.ReasonOf(err) != fermatav1.ErrorReason_ERROR_REASON_CREDENTIALS_MISSING {
		t.Error(err)
	}

	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	vnfm := connect(fermata.WithCredentials(fermata.TokenFile(token)))
	request := &fermatav1.SubscribeRequest{ProjectId: fermatatest.CoreNetwork, HeartbeatInterval: durationpb.New(time.Second)}
	renewed := false
	for item, err := range fermata.Subscribe(ctx, vnfm, request) {
		switch {
		case err != nil && ctx.Err() == nil:
			t.Fatal(err)
		case err != nil:
		case item.Snapshot != nil:
			writeFile(t, token, []byte("fermata_second\n"))
			allow(t, principals, "fermata_second")
		case item.Interrupted != nil:
			if fermata.ReasonOf(item.Interrupted.Err) != fermatav1.ErrorReason_ERROR_REASON_CREDENTIALS_EXPIRED {
				t.Error(item.Interrupted)
			}
			renewed = true
			if _, err := (&fermata.Operator{Connection: noc}).Create(ctx, fermatatest.Spec("compute-1")); err != nil {
				t.Fatal(err)
			}
		case item.Event != nil:
			// It comes over a stream that was opened with the new token.
			cancel()
		}
	}
	if !renewed {
		t.Error("the first token was never refused")
	}
}
