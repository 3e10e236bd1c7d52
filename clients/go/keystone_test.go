package fermata_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// fakeKeystone gives tokens: token-1, token-2 and so on.
type fakeKeystone struct {
	*httptest.Server
	// lasts is how long a token lasts.
	lasts time.Duration

	mutex    sync.Mutex
	status   int
	requests []string
}

func startKeystone(t *testing.T, lasts time.Duration) *fakeKeystone {
	k := &fakeKeystone{lasts: lasts, status: http.StatusCreated}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/auth/tokens", k.signIn)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMultipleChoices)
		fmt.Fprintf(w, `{"versions": {"values": [{"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "%s/v3/"}]}]}}`, k.URL)
	})
	k.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		k.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	t.Setenv("OS_AUTH_URL", k.URL+"/v3")
	return k
}

func (k *fakeKeystone) signIn(w http.ResponseWriter, r *http.Request) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	body, _ := io.ReadAll(r.Body)
	k.requests = append(k.requests, string(body))
	w.Header().Set("X-Subject-Token", fmt.Sprintf("token-%d", len(k.requests)))
	w.WriteHeader(k.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"token": map[string]any{
		"expires_at": time.Now().Add(k.lasts).UTC().Format("2006-01-02T15:04:05.000000Z"), "catalog": []any{}}})
}

// tokens calls a server so many times, and returns the tokens that came.
func tokens(t *testing.T, source fermata.TokenSource, calls int, errors ...error) []string {
	t.Helper()
	server := startRecorded(t, errors...)
	connection := server.connect(t, fermata.WithCredentials(source))
	for range calls {
		if _, err := connection.Sessions().GetSession(limited(t), &fermatav1.GetSessionRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	var tokens []string
	for _, m := range server.metadata {
		tokens = append(tokens, strings.TrimPrefix(m.Get("authorization")[0], "Bearer "))
	}
	return tokens
}

func fromEnvironment(t *testing.T, variables map[string]string) fermata.TokenSource {
	t.Helper()
	for _, name := range []string{"OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME", "OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_NAME", "OS_PROJECT_ID",
		"OS_APPLICATION_CREDENTIAL_ID", "OS_APPLICATION_CREDENTIAL_SECRET", "OS_SYSTEM_SCOPE", "OS_CACERT", "OS_DOMAIN_ID", "OS_DOMAIN_NAME"} {
		t.Setenv(name, variables[name])
	}
	source, err := fermata.KeystoneFromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	return source
}

var password = map[string]string{"OS_USERNAME": "vnfm", "OS_PASSWORD": "s3cret", "OS_USER_DOMAIN_NAME": "Users",
	"OS_PROJECT_NAME": "core", "OS_PROJECT_DOMAIN_NAME": "Projects"}

func TestATokenOfKeystoneIsKeptWhileItLasts(t *testing.T) {
	k := startKeystone(t, time.Hour)
	if got := tokens(t, fromEnvironment(t, password), 3); !slices.Equal(got, []string{"token-1", "token-1", "token-1"}) {
		t.Errorf("%q", got)
	}
	wanted := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"Users"},"name":"vnfm","password":"s3cret"}}},` +
		`"scope":{"project":{"domain":{"name":"Projects"},"name":"core"}}}}`
	if k.requests[0] != wanted {
		t.Error(k.requests[0])
	}
}

func TestATokenOfKeystoneIsRenewedAMinuteBeforeItsEnd(t *testing.T) {
	startKeystone(t, 59*time.Second)
	if got := tokens(t, fromEnvironment(t, password), 2); !slices.Equal(got, []string{"token-1", "token-2"}) {
		t.Errorf("%q", got)
	}
}

func TestATokenOfKeystoneIsRenewedWhenTheServerSaysSo(t *testing.T) {
	k := startKeystone(t, time.Hour)
	credential := map[string]string{"OS_APPLICATION_CREDENTIAL_ID": "id", "OS_APPLICATION_CREDENTIAL_SECRET": "s3cret", "OS_PROJECT_NAME": "ignored"}
	got := tokens(t, fromEnvironment(t, credential), 2, refused(codes.Unauthenticated, "CREDENTIALS_EXPIRED", 0))
	if !slices.Equal(got, []string{"token-1", "token-2", "token-2"}) {
		t.Errorf("%q", got)
	}
	wanted := `{"auth":{"identity":{"application_credential":{"id":"id","secret":"s3cret"},"methods":["application_credential"]}}}`
	if k.requests[0] != wanted {
		t.Error(k.requests[0])
	}
}

func TestWhatKeystoneRefusesIsNotTriedAgain(t *testing.T) {
	k := startKeystone(t, time.Hour)
	server := startRecorded(t)
	connection := server.connect(t, fermata.WithCredentials(fromEnvironment(t, password)))
	for answer, code := range map[int]codes.Code{http.StatusUnauthorized: codes.Unauthenticated, http.StatusServiceUnavailable: codes.Unavailable} {
		k.mutex.Lock()
		k.status = answer
		k.mutex.Unlock()
		_, err := connection.Sessions().GetSession(limited(t), &fermatav1.GetSessionRequest{})
		if status.Code(err) != code {
			t.Errorf("%d of Keystone gives %v", answer, err)
		}
	}
	if len(server.metadata) != 0 {
		t.Error("the server was called without a token")
	}
}

func TestAVariableThatIsMissingIsNamed(t *testing.T) {
	t.Setenv("OS_AUTH_URL", "http://127.0.0.1:1")
	for _, missing := range []string{"OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME"} {
		for name, value := range password {
			t.Setenv(name, value)
		}
		t.Setenv("OS_PROJECT_ID", "")
		t.Setenv(missing, "")
		_, err := fermata.KeystoneFromEnvironment()
		if name := strings.Replace(missing, "_NAME", "_ID", 1); err == nil || !strings.Contains(err.Error(), missing) && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", missing, err)
		}
	}
}
