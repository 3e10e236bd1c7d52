package fermata

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"google.golang.org/grpc/codes"
)

// renewBefore is how long before its end a token of Keystone is replaced.
const renewBefore = time.Minute

// keystoneTimeout is how long Keystone may take to give a token.
const keystoneTimeout = 30 * time.Second

// Keystone signs in at Keystone, with a password or an application credential, when the first call needs it. It renews its
// token a minute before it ends, and when the server says that it has expired. An application credential needs no scope.
// AllowReauth is ignored.
//
// client is what talks to Keystone; nil is [http.DefaultClient].
//
// A call gets UNAUTHENTICATED if Keystone refuses to sign in, and UNAVAILABLE if it does not answer.
func Keystone(options gophercloud.AuthOptions, client *http.Client) TokenSource {
	options.AllowReauth = false
	if client == nil {
		client = http.DefaultClient
	}
	return &keystone{options: options, http: client, turn: make(chan struct{}, 1), now: time.Now}
}

// KeystoneFromEnvironment is [Keystone] with what the OS_* variables say, as an openrc file of OpenStack sets them: OS_AUTH_URL;
// OS_APPLICATION_CREDENTIAL_ID (or OS_APPLICATION_CREDENTIAL_NAME and the user) with OS_APPLICATION_CREDENTIAL_SECRET, or
// OS_USERNAME (or OS_USER_ID), OS_PASSWORD, OS_USER_DOMAIN_NAME and OS_PROJECT_ID (or OS_PROJECT_NAME and
// OS_PROJECT_DOMAIN_NAME), or OS_SYSTEM_SCOPE=all; OS_CACERT. Each ..._DOMAIN_NAME may be a ..._DOMAIN_ID.
//
// It fails if a variable that is needed is missing, or if the file of OS_CACERT has no certificate.
func KeystoneFromEnvironment() (TokenSource, error) {
	options, err := keystoneOptions(os.Getenv)
	if err != nil {
		return nil, err
	}
	file := os.Getenv("OS_CACERT")
	if file == "" {
		return Keystone(options, nil), nil
	}
	pool, err := readPool(file)
	if err != nil {
		return nil, fmt.Errorf("OS_CACERT: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return Keystone(options, &http.Client{Transport: transport}), nil
}

// keystoneOptions is our own because [openstack.AuthOptionsFromEnv] knows neither OS_USER_DOMAIN_NAME nor
// OS_PROJECT_DOMAIN_NAME, which every openrc file sets.
func keystoneOptions(variable func(string) string) (gophercloud.AuthOptions, error) {
	options := gophercloud.AuthOptions{
		IdentityEndpoint:            variable("OS_AUTH_URL"),
		Username:                    variable("OS_USERNAME"),
		UserID:                      cmp.Or(variable("OS_USER_ID"), variable("OS_USERID")),
		Password:                    variable("OS_PASSWORD"),
		DomainID:                    cmp.Or(variable("OS_USER_DOMAIN_ID"), variable("OS_DOMAIN_ID")),
		DomainName:                  cmp.Or(variable("OS_USER_DOMAIN_NAME"), variable("OS_DOMAIN_NAME")),
		ApplicationCredentialID:     variable("OS_APPLICATION_CREDENTIAL_ID"),
		ApplicationCredentialName:   variable("OS_APPLICATION_CREDENTIAL_NAME"),
		ApplicationCredentialSecret: variable("OS_APPLICATION_CREDENTIAL_SECRET"),
	}
	if options.DomainID != "" || options.UserID != "" {
		options.DomainName = ""
	}
	missing := func(name string) (gophercloud.AuthOptions, error) {
		return options, fmt.Errorf("cannot sign in at Keystone: the variable %s is not set", name)
	}
	byCredential := options.ApplicationCredentialID != "" || options.ApplicationCredentialName != ""
	switch {
	case options.IdentityEndpoint == "":
		return missing("OS_AUTH_URL")
	case byCredential && options.ApplicationCredentialSecret == "":
		return missing("OS_APPLICATION_CREDENTIAL_SECRET")
	case options.ApplicationCredentialID == "" && options.Username == "" && options.UserID == "":
		return missing("OS_USERNAME")
	case !byCredential && options.Password == "":
		return missing("OS_PASSWORD")
	}
	if byCredential {
		// Its project is part of the credential.
		return options, nil
	}
	scope := gophercloud.AuthScope{
		ProjectID:   variable("OS_PROJECT_ID"),
		ProjectName: variable("OS_PROJECT_NAME"),
		DomainID:    cmp.Or(variable("OS_PROJECT_DOMAIN_ID"), options.DomainID),
		DomainName:  cmp.Or(variable("OS_PROJECT_DOMAIN_NAME"), options.DomainName),
	}
	switch {
	case variable("OS_SYSTEM_SCOPE") == "all":
		scope = gophercloud.AuthScope{System: true}
	case scope.ProjectID != "":
		scope = gophercloud.AuthScope{ProjectID: scope.ProjectID}
	case scope.ProjectName == "":
		return missing("OS_PROJECT_ID")
	case variable("OS_PROJECT_DOMAIN_NAME") != "" || scope.DomainID == "":
		scope.DomainID = ""
	default:
		scope.DomainName = ""
	}
	options.Scope = &scope
	return options, nil
}

func readPool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate in PEM", file)
	}
	return pool, nil
}

type keystone struct {
	options gophercloud.AuthOptions
	http    *http.Client
	now     func() time.Time
	// turn is held by the one call that signs in; a channel, so that those that wait can give up.
	turn chan struct{}

	mutex sync.Mutex
	token string
	ends  time.Time
}

func (k *keystone) Token(ctx context.Context) (string, error) {
	if token := k.current(); token != "" {
		return token, nil
	}
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	// Another call may have signed in while this one waited.
	if token := k.current(); token != "" {
		return token, nil
	}
	token, err := k.signIn(ctx)
	if err != nil {
		return "", err
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.token, k.ends = token.ID, token.ExpiresAt
	return token.ID, nil
}

// current returns the token if it lasts long enough.
func (k *keystone) current() string {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.token == "" || !k.now().Before(k.ends.Add(-renewBefore)) {
		return ""
	}
	return k.token
}

func (k *keystone) Expired(token string) bool {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	// A call that began earlier may have had an older token than the one that is there.
	if k.token == token {
		k.token = ""
	}
	return true
}

func (k *keystone) signIn(ctx context.Context) (*tokens.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, keystoneTimeout)
	defer cancel()
	provider, err := openstack.NewClient(k.options.IdentityEndpoint)
	if err != nil {
		return nil, errorf(codes.Unauthenticated, "cannot sign in at Keystone: %v", err)
	}
	provider.HTTPClient = *k.http
	var refused gophercloud.ErrUnexpectedResponseCode
	switch err := openstack.Authenticate(ctx, provider, k.options); {
	case errors.As(err, &refused) && refused.Actual < 500 && refused.Actual != http.StatusTooManyRequests:
		return nil, errorf(codes.Unauthenticated, "Keystone refuses to sign in: %v", err)
	case err != nil:
		return nil, errorf(codes.Unavailable, "cannot sign in at Keystone: %v", err)
	}
	result, ok := provider.GetAuthResult().(tokens.CreateResult)
	if !ok {
		return nil, errorf(codes.Unauthenticated, "%s is not version 3 of Keystone", k.options.IdentityEndpoint)
	}
	token, err := result.ExtractToken()
	if err != nil {
		return nil, errorf(codes.Unavailable, "cannot read Keystone's answer: %v", err)
	}
	return token, nil
}
