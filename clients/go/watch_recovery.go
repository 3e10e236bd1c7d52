package fermata

import (
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"

	"fermata.dev/clients/go/fermatav1"
)

// verdict is what an error means for a stream.
type verdict int

const (
	// goOn: after the last message.
	goOn verdict = iota
	// beginAgain: the place to go on from is lost; begin with a snapshot.
	beginAgain
	// giveUp: trying again cannot mend it.
	giveUp
)

// judge says what e means. ownToken: the stream was opened with a token that came from this watch, not from the caller.
func judge(e *Error, ownToken bool) verdict {
	switch e.Reason {
	case fermatav1.ErrorReason_ERROR_REASON_RESUME_TOKEN_EXPIRED:
		return beginAgain
	case fermatav1.ErrorReason_ERROR_REASON_RESUME_TOKEN_INVALID:
		// A token that this server gave is invalid only where its store was replaced.
		if ownToken {
			return beginAgain
		}
	case fermatav1.ErrorReason_ERROR_REASON_CREDENTIALS_EXPIRED:
		if e.renewable {
			return goOn
		}
	}
	switch e.Code {
	case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied, codes.FailedPrecondition,
		codes.OutOfRange, codes.Unimplemented, codes.DataLoss, codes.Unauthenticated:
		return giveUp
	}
	return goOn
}

// waits double, with chance in them, so that clients that were cut at once do not return at once.
type waits struct {
	first, longest time.Duration
	next           time.Duration
}

func newWaits(first, longest time.Duration) waits {
	return waits{first: first, longest: longest, next: first}
}

// reset: it works again.
func (w *waits) reset() { w.next = w.first }

// take returns the next wait: half of it by chance, and no less than atLeast.
func (w *waits) take(atLeast time.Duration) time.Duration {
	now := min(w.next, w.longest)
	w.next = min(2*now, w.longest)
	half := now / 2
	return max(half+rand.N(now-half+1), atLeast)
}
