package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// offerLater is how much later the behaviour counter_offer wants to begin.
const offerLater = 10 * time.Second

// behaviour answers a question. attempt counts from 1.
type behaviour func(ctx context.Context, n *fermatav1.Notification, attempt int) (fermata.Answer, error)

func behaviours(a arguments) map[string]behaviour {
	agree := func(_ context.Context, n *fermatav1.Notification, _ int) (fermata.Answer, error) {
		if n.GetKind() == fermatav1.NotificationKind_NOTIFICATION_KIND_SCALE_IN {
			return fermata.Reject("the conformance program does not scale in"), nil
		}
		return fermata.Accept(), nil
	}
	return map[string]behaviour{
		"accept": agree,
		"reject": func(context.Context, *fermatav1.Notification, int) (fermata.Answer, error) {
			return fermata.Reject("the conformance program rejects"), nil
		},
		"raise": func(ctx context.Context, n *fermatav1.Notification, attempt int) (fermata.Answer, error) {
			if attempt <= 2 {
				return fermata.Answer{}, errors.New("the conformance program fails")
			}
			return agree(ctx, n, attempt)
		},
		"slow": func(ctx context.Context, n *fermatav1.Notification, attempt int) (fermata.Answer, error) {
			if err := wait(ctx, seconds(a.slowFor)); err != nil {
				return fermata.Answer{}, err
			}
			return agree(ctx, n, attempt)
		},
		"counter_offer": func(ctx context.Context, n *fermatav1.Notification, attempt int) (fermata.Answer, error) {
			if n.GetCounterOffer() != nil || n.GetKind() == fermatav1.NotificationKind_NOTIFICATION_KIND_SCALE_IN {
				return agree(ctx, n, attempt)
			}
			return fermata.NotBefore(time.Now().Add(offerLater)), nil
		},
		"no_answer": func(context.Context, *fermatav1.Notification, int) (fermata.Answer, error) {
			return fermata.NoAnswer(), nil
		},
	}
}

func newOwner(connection *fermata.Connection, a arguments, j *journal) (*fermata.Owner, error) {
	if a.subscription == "" {
		return nil, errors.New("the layer owner needs --subscription")
	}
	behave, ok := behaviours(a)[a.behaviour]
	if !ok {
		return nil, fmt.Errorf("there is no behaviour %q", a.behaviour)
	}
	h := handlers{journal: j, attempts: map[any]int{}}
	failing := a.behaviour == "raise"
	return &fermata.Owner{
		Connection: connection, ProjectID: a.project, SubscriptionID: a.subscription, DisplayName: "conformance of Go",
		HeartbeatInterval: seconds(a.heartbeat), AnswerMargin: seconds(a.answerMargin),
		OnPlanned: h.question("planned", behave), OnDrain: h.question("drain", behave), OnScaleIn: h.question("scale_in", behave),
		OnServerEvent: func(ctx context.Context, e *fermatav1.ServerEvent) error {
			return h.event(ctx, "server", e.GetServerId(), e, failing)
		},
		OnSessionEvent: func(ctx context.Context, e *fermatav1.OwnerSessionEvent) error {
			return h.event(ctx, "session", e.GetSessionId(), e, failing)
		},
		OnComplete: func(ctx context.Context, e *fermatav1.OwnerSessionEvent) error {
			return h.event(ctx, "complete", e.GetSessionId(), e, failing)
		},
		OnReply: func(r fermata.Reply) {
			outcome := "accepted"
			if r.Err != nil {
				outcome = fermata.ErrorName(r.Err)
			}
			j.write("reply", fields{"id": r.Notification.GetId(), "plan_revision": r.Notification.GetPlanRevision(),
				"answer": r.Answer.String(), "fallback": r.Fallback, "outcome": outcome})
		},
		OnAcknowledged: func(sequence uint64) { j.write("acknowledged", fields{"sequence": sequence}) },
		OnItem: func(item fermata.OwnerItem) {
			j.item(item)
			if a.readDelay > 0 {
				time.Sleep(seconds(a.readDelay))
			}
		},
	}, nil
}

// handlers writes what handlers do.
type handlers struct {
	journal *journal
	mutex   sync.Mutex
	// attempts counts the calls for each question or event; the SDK gives the same message to each.
	attempts map[any]int
}

func (h *handlers) question(name string, behave behaviour) fermata.QuestionHandler {
	return func(ctx context.Context, n *fermatav1.Notification) (answer fermata.Answer, err error) {
		err = h.noted(ctx, name, n.GetId(), n.GetPlanRevision(), n, func(attempt int) error {
			answer, err = behave(ctx, n, attempt)
			return err
		})
		return answer, err
	}
}

// event handles an event; with the behaviour raise it fails twice.
func (h *handlers) event(ctx context.Context, name, id string, event any, failing bool) error {
	return h.noted(ctx, name, id, 0, event, func(attempt int) error {
		if failing && attempt <= 2 {
			return errors.New("the conformance program fails")
		}
		return nil
	})
}

func (h *handlers) noted(ctx context.Context, name, id string, revision uint64, about any, run func(attempt int) error) error {
	attempt := h.begin(about)
	f := func(phase string) fields {
		return fields{"handler": name, "id": id, "plan_revision": revision, "attempt": attempt, "phase": phase}
	}
	h.journal.write("handler", f("begin"))
	err := run(attempt)
	switch {
	case err == nil:
		h.end(about)
		h.journal.write("handler", f("end"))
	case ctx.Err() != nil:
		h.end(about)
		h.journal.write("handler", f("cancelled"))
	default:
		h.journal.write("handler", f("failed"))
	}
	return err
}

func (h *handlers) begin(about any) int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.attempts[about]++
	return h.attempts[about]
}

func (h *handlers) end(about any) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	delete(h.attempts, about)
}
