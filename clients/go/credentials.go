package fermata

import (
	"context"
	"os"
	"strings"

	"google.golang.org/grpc/codes"
)

// TokenSource gives each call its bearer token. It is used by several goroutines at once.
type TokenSource interface {
	// Token returns the token for a call that is about to be made. An error ends the call; one without a status code counts
	// as UNAVAILABLE.
	Token(ctx context.Context) (string, error)
	// Expired is told that the server answered CREDENTIALS_EXPIRED to this token. It returns whether the next Token may be
	// another one; if not, nothing is tried again.
	Expired(token string) bool
}

// StaticToken is a token that never changes.
func StaticToken(token string) TokenSource { return staticToken(strings.TrimSpace(token)) }

type staticToken string

func (t staticToken) Token(context.Context) (string, error) { return string(t), nil }

func (staticToken) Expired(string) bool { return false }

// String keeps the token out of logs.
func (staticToken) String() string { return "token" }

// GoString keeps the token out of logs.
func (staticToken) GoString() string { return "token" }

// TokenFile is a token in a file. The file is read for each call, so that whoever renews the token there needs to tell nobody.
// A file that cannot be read gives UNAUTHENTICATED.
func TokenFile(file string) TokenSource { return tokenFile(file) }

type tokenFile string

func (f tokenFile) Token(context.Context) (string, error) {
	content, err := os.ReadFile(string(f))
	if err != nil {
		return "", errorf(codes.Unauthenticated, "cannot read the token: %v", err)
	}
	return strings.TrimSpace(string(content)), nil
}

func (tokenFile) Expired(string) bool { return true }
