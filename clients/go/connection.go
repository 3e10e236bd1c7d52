package fermata

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"fermata.dev/clients/go/fermatav1"
)

const (
	// keepaliveTime is how often the peer is asked whether it is still there, and keepaliveTimeout how long it may take to
	// answer. Without them a client whose calls are rare never learns that a partition cut it off.
	keepaliveTime    = 10 * time.Second
	keepaliveTimeout = 5 * time.Second
	// maxMessageBytes is the largest message that is received. The server sends none above a few MiB.
	maxMessageBytes = 16 << 20
)

// connectBackoff is how the transport makes its connection again. It is short because calls and watches wait on their own.
var connectBackoff = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 250 * time.Millisecond, Multiplier: 2, Jitter: 0.2, MaxDelay: 5 * time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// Connection is a connection to a server, with credentials. It is safe for use by several goroutines, and all that is made on
// it shares it. Close it when nothing uses it any more. The server takes 10,000 streams and calls at once on a connection, if it
// is not told otherwise: a process with more owners than half of that has several.
//
// It is a [grpc.ClientConnInterface], for stubs that are not in this package.
type Connection struct {
	grpc.ClientConnInterface
	transport *grpc.ClientConn
	tokens    TokenSource
}

// Option is an option of [Connect].
type Option func(*settings)

type settings struct {
	tokens           TokenSource
	ca               string
	certificate, key string
	dial             []grpc.DialOption
}

// WithCredentials says who calls: [StaticToken], [TokenFile], [Keystone], or a source of your own. Without it calls carry no
// token. Over http:// the token can be read on the way.
func WithCredentials(source TokenSource) Option { return func(s *settings) { s.tokens = source } }

// WithTLSCA names the PEM file of the CA that signed the server's certificate. Without it the CAs of the system count.
func WithTLSCA(file string) Option { return func(s *settings) { s.ca = file } }

// WithTLSIdentity names the PEM files of the client's own certificate and its private key. They are read for each connection
// that is made, so that they may be renewed there.
func WithTLSIdentity(certificate, key string) Option {
	return func(s *settings) { s.certificate, s.key = certificate, key }
}

// WithDialOptions adds options of gRPC, for example interceptors. They come after those that Connect sets.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}

// Connect makes a connection to the server at address, such as "http://127.0.0.1:7400" or "https://fermata.example:7400". It
// returns at once; the server is called by the first call, and may be started later.
//
// Calls that are safe to repeat are repeated when the server is UNAVAILABLE, for about 15 seconds or until their context ends:
// those that read, and those that carry a request_id. A write whose request_id is empty gets one.
//
// It fails if the address is not a URL of http or https, or if a file of the options cannot be read.
func Connect(address string, options ...Option) (*Connection, error) {
	s := settings{}
	for _, option := range options {
		option(&s)
	}
	target, err := url.Parse(address)
	if err != nil || target.Hostname() == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the address of a server; write it as http://host:port", address)
	}
	security, port := insecure.NewCredentials(), "80"
	if target.Scheme == "https" {
		configuration, err := s.tls()
		if err != nil {
			return nil, err
		}
		security, port = credentials.NewTLS(configuration), "443"
	}
	if target.Port() != "" {
		port = target.Port()
	}
	c := &Connection{tokens: s.tokens}
	dial := append([]grpc.DialOption{
		grpc.WithTransportCredentials(security),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout, PermitWithoutStream: true}),
		grpc.WithConnectParams(connectBackoff),
		grpc.WithUserAgent("fermata-go/" + Version),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
		grpc.WithDefaultServiceConfig(retries),
		grpc.WithMaxCallAttempts(maxAttempts),
		grpc.WithChainUnaryInterceptor(c.unary),
		grpc.WithChainStreamInterceptor(c.stream),
	}, s.dial...)
	c.transport, err = grpc.NewClient(net.JoinHostPort(target.Hostname(), port), dial...)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s: %w", address, err)
	}
	c.ClientConnInterface = c.transport
	return c, nil
}

func (s *settings) tls() (*tls.Config, error) {
	configuration := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.ca != "" {
		pool, err := readPool(s.ca)
		if err != nil {
			return nil, fmt.Errorf("cannot read the CA: %w", err)
		}
		configuration.RootCAs = pool
	}
	if s.certificate != "" {
		read := func() (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(s.certificate, s.key)
			return &pair, err
		}
		// What is wrong from the beginning is told at once, and not by the first call.
		if _, err := read(); err != nil {
			return nil, fmt.Errorf("cannot read the certificate: %w", err)
		}
		configuration.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return read() }
	}
	return configuration, nil
}

// Close ends all calls and streams of the connection.
func (c *Connection) Close() error { return c.transport.Close() }

// Notifications is the stub for owners.
func (c *Connection) Notifications() fermatav1.NotificationServiceClient {
	return fermatav1.NewNotificationServiceClient(c)
}

// Policies is the stub for what owners store once.
func (c *Connection) Policies() fermatav1.PolicyServiceClient {
	return fermatav1.NewPolicyServiceClient(c)
}

// Sessions is the stub for operators.
func (c *Connection) Sessions() fermatav1.SessionServiceClient {
	return fermatav1.NewSessionServiceClient(c)
}

// Hosts is the stub for hosts and their states.
func (c *Connection) Hosts() fermatav1.HostServiceClient { return fermatav1.NewHostServiceClient(c) }

// Audit is the stub for the audit trail.
func (c *Connection) Audit() fermatav1.AuditServiceClient { return fermatav1.NewAuditServiceClient(c) }

// Server is the stub for what the server is.
func (c *Connection) Server() fermatav1.ServerServiceClient {
	return fermatav1.NewServerServiceClient(c)
}
