package fermata

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"fermata.dev/clients/go/fermatav1"
)

// Answer is what an owner answers to a question. The zero value is [NoAnswer].
type Answer struct {
	kind    string
	comment string
	// fill puts the answer into a reply to the notification.
	fill func(*fermatav1.Notification, *fermatav1.ReplyRequest)
}

// String names the kind: "accept", "reject", "counter_offer", "own_action_done" or "no_answer".
func (a Answer) String() string {
	if a.kind == "" {
		return "no_answer"
	}
	return a.kind
}

// WithComment adds a comment for the operator, of at most 1,024 characters.
func (a Answer) WithComment(comment string) Answer {
	a.comment = comment
	return a
}

// Request is the reply to a notification with this answer, for tests of handlers. It has no request_id, and for [NoAnswer] no
// answer.
func (a Answer) Request(n *fermatav1.Notification) *fermatav1.ReplyRequest {
	request := &fermatav1.ReplyRequest{ProjectId: n.GetProjectId(), NotificationId: n.GetId(), PlanRevision: n.GetPlanRevision(), Comment: a.comment}
	if a.fill != nil {
		a.fill(n, request)
	}
	return request
}

// NoAnswer leaves the question to somebody else, for example to a person with the command line.
func NoAnswer() Answer { return Answer{} }

// Accept takes each server's default action, or its first allowed one where it has none. Not for SCALE_IN.
func Accept() Answer {
	return accept(func(n *fermatav1.Notification) *fermatav1.Accept {
		if len(n.GetServers()) == 0 {
			return &fermatav1.Accept{Action: n.GetDefaultAction()}
		}
		accept := &fermatav1.Accept{}
		for _, server := range n.GetServers() {
			if action := DefaultAction(server); action != fermatav1.Action_ACTION_UNSPECIFIED {
				accept.Decisions = append(accept.Decisions, &fermatav1.Decision{ServerId: server.GetServerId(), Action: action})
			}
		}
		return shortened(accept)
	})
}

// AcceptAll takes the same action for all servers.
func AcceptAll(action fermatav1.Action) Answer {
	return accept(func(*fermatav1.Notification) *fermatav1.Accept { return &fermatav1.Accept{Action: action} })
}

// AcceptEach decides for each server, by its id. Servers that it does not name stay undecided; what happens to them is their
// default when the time for replies is over.
func AcceptEach(decisions map[string]fermatav1.Action) Answer {
	return accept(func(*fermatav1.Notification) *fermatav1.Accept {
		accept := &fermatav1.Accept{}
		for server, action := range decisions {
			accept.Decisions = append(accept.Decisions, &fermatav1.Decision{ServerId: server, Action: action})
		}
		// Sorted, so that a reply that is sent again is the same one.
		sortDecisions(accept.Decisions)
		return accept
	})
}

// Reject objects, with a reason of at most 1,024 characters. What follows is up to the session's on_objection.
func Reject(reason string) Answer {
	return Answer{kind: "reject", fill: func(_ *fermatav1.Notification, r *fermatav1.ReplyRequest) {
		r.Answer = &fermatav1.ReplyRequest_Reject{Reject: &fermatav1.Reject{Reason: reason}}
	}}
}

// CounterOffer offers another time or order. Not for SCALE_IN. Fermata makes a plan with it, and then asks again: with a higher
// plan_revision if it accepts the offer, with the same one and the offer in state DECLINED if not.
func CounterOffer(offer *fermatav1.CounterOffer) Answer {
	return Answer{kind: "counter_offer", fill: func(_ *fermatav1.Notification, r *fermatav1.ReplyRequest) {
		r.Answer = &fermatav1.ReplyRequest_CounterOffer{CounterOffer: offer}
	}}
}

// NotBefore is the [CounterOffer] that all servers of the question are touched at that time or later.
func NotBefore(t time.Time) Answer {
	return CounterOffer(&fermatav1.CounterOffer{NotBeforeTime: timestamppb.New(t)})
}

// OwnActionDone reports that the owner has done its own action on these servers. None: on all that were decided so. For
// SCALE_IN: that the owner has scaled in.
func OwnActionDone(serverIDs ...string) Answer {
	return Answer{kind: "own_action_done", fill: func(_ *fermatav1.Notification, r *fermatav1.ReplyRequest) {
		r.Answer = &fermatav1.ReplyRequest_OwnActionDone{OwnActionDone: &fermatav1.OwnActionDone{ServerIds: serverIDs}}
	}}
}

// DefaultAction is the server's default action, or its first allowed one where it has none, or ACTION_UNSPECIFIED where nothing
// is allowed.
func DefaultAction(server *fermatav1.AffectedServer) fermatav1.Action {
	if action := server.GetDefaultAction(); action != fermatav1.Action_ACTION_UNSPECIFIED {
		return action
	}
	if allowed := server.GetAllowedActions(); len(allowed) > 0 {
		return allowed[0]
	}
	return fermatav1.Action_ACTION_UNSPECIFIED
}

func accept(make func(*fermatav1.Notification) *fermatav1.Accept) Answer {
	return Answer{kind: "accept", fill: func(n *fermatav1.Notification, r *fermatav1.ReplyRequest) {
		r.Answer = &fermatav1.ReplyRequest_Accept{Accept: make(n)}
	}}
}
