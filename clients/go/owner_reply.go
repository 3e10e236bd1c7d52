package fermata

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"

	"fermata.dev/clients/go/fermatav1"
)

// reply sends an answer until the server has taken or refused it, or until the deadline. It returns whether the question needs
// no further answer; false: the owner stopped before the server said so.
func (r *ownerRun) reply(ctx context.Context, q *question, answer Answer, fallback bool) (error, bool) {
	n := r.forReply(ctx, q)
	request := answer.Request(n)
	request.RequestId = q.key
	waits := newWaits(watchDefaults.firstWait, watchDefaults.longestWait)
	var err error
	for {
		err = r.replyOnce(ctx, request)
		if err == nil || ctx.Err() != nil || !repeatsReply(asError(err)) {
			break
		}
		wait := waits.take(asError(err).RetryAfter)
		if deadline := n.GetReplyDeadlineTime(); deadline != nil && time.Until(deadline.AsTime()) < wait {
			break
		}
		r.log.Warn("cannot reply", "notification", n.GetId(), "error", err, "again_in", wait)
		if !pause(ctx, wait) {
			break
		}
	}
	r.replied(Reply{Notification: n, Answer: answer, Fallback: fallback, Err: err})
	return err, err == nil || ctx.Err() == nil
}

func (r *ownerRun) replyOnce(ctx context.Context, request *fermatav1.ReplyRequest) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := r.Connection.Notifications().Reply(ctx, request)
	return err
}

// forReply is the notification with its servers where they can be had: the fallback answers also without.
func (r *ownerRun) forReply(ctx context.Context, q *question) *fermatav1.Notification {
	ctx, cancel := context.WithTimeout(ctx, callTimeout/2)
	defer cancel()
	n, err := r.withServers(ctx, q)
	if err != nil {
		return q.notification
	}
	return n
}

// replied tells how a reply ended.
func (r *ownerRun) replied(reply Reply) {
	outcome := "accepted"
	if reply.Err != nil {
		outcome = ErrorName(reply.Err)
		r.log.Warn("a reply was not accepted", "notification", reply.Notification.GetId(), "answer", reply.Answer, "error", reply.Err)
	}
	r.telemetry.reply(r.working, reply.Answer, outcome)
	if r.OnReply != nil {
		r.OnReply(reply)
	}
	// An answer that is invalid is the handler's failure; it may give another one.
	handlers := reply.Err != nil && asError(reply.Err).Code == codes.InvalidArgument && !reply.Fallback
	if reply.Err != nil && !handlers && r.OnReplyRefused != nil {
		r.OnReplyRefused(reply)
	}
}

// repeatsReply returns whether the same reply may be accepted later.
func repeatsReply(e *Error) bool {
	switch e.Code {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Unknown, codes.Internal, codes.Canceled:
		return true
	case codes.Aborted:
		return e.ReasonName == "" || e.Reason == fermatav1.ErrorReason_ERROR_REASON_CONCURRENT_CHANGE
	}
	return e.renewable
}
