package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

// vnfm has the handlers.
type vnfm struct {
	log  *slog.Logger
	vnf  *vnf
	busy hours
}

// onPlanned decides for all servers that can be decided for now. Of the pair that is at most one: the other one is decided for
// when its host's turn comes, which is when Fermata asks again.
func (v *vnfm) onPlanned(ctx context.Context, n *fermatav1.Notification) (fermata.Answer, error) {
	v.log.Info("planned", "notification", n.GetId(), "servers", n.GetServerCount(), "reason", n.GetReason())
	declined := n.GetCounterOffer().GetState() == fermatav1.CounterOfferState_COUNTER_OFFER_STATE_DECLINED
	if quiet, busy := v.busy.endOf(firstStart(n)); busy && !declined {
		v.log.Info("busy", "until", quiet)
		return fermata.NotBefore(quiet), nil
	}
	return v.decide(ctx, n)
}

// onDrain is the last time to decide.
func (v *vnfm) onDrain(ctx context.Context, n *fermatav1.Notification) (fermata.Answer, error) {
	v.log.Info("drain", "notification", n.GetId(), "servers", n.GetServerCount())
	return v.decide(ctx, n)
}

func (v *vnfm) decide(_ context.Context, n *fermatav1.Notification) (fermata.Answer, error) {
	decisions := map[string]fermatav1.Action{}
	var members []*fermatav1.AffectedServer
	for _, server := range n.GetServers() {
		if v.vnf.isMember(server.GetName()) {
			members = append(members, server)
		} else {
			decisions[server.GetServerId()] = fermata.DefaultAction(server)
		}
	}
	if member := first(members); member != nil {
		// Only the member that stands by may be touched.
		if moved, err := v.vnf.standBy(member.GetName()); err != nil {
			return fermata.Answer{}, err
		} else if moved {
			v.log.Info("switched over", "away_from", member.GetName())
		}
		decisions[member.GetServerId()] = cheapest(member)
	}
	return fermata.AcceptEach(decisions), nil
}

// first is the server that is touched first.
func first(servers []*fermatav1.AffectedServer) *fermatav1.AffectedServer {
	var first *fermatav1.AffectedServer
	for _, server := range servers {
		if first == nil || server.GetExpectedStartTime().AsTime().Before(first.GetExpectedStartTime().AsTime()) {
			first = server
		}
	}
	return first
}

// cheapest is a cold migration where it is allowed: no traffic runs on a server that stands by.
func cheapest(server *fermatav1.AffectedServer) fermatav1.Action {
	for _, action := range server.GetAllowedActions() {
		if action == fermatav1.Action_ACTION_MIGRATE {
			return action
		}
	}
	return fermata.DefaultAction(server)
}

// firstStart is when the first server is expected to be touched.
func firstStart(n *fermatav1.Notification) time.Time {
	if start := first(n.GetServers()).GetExpectedStartTime(); start != nil {
		return start.AsTime()
	}
	return n.GetActionsStartTime().AsTime()
}

// onScaleIn makes room. A VNFM of a real VNF deletes servers of the group here; Fermata reads from the cloud what came of it.
func (v *vnfm) onScaleIn(_ context.Context, n *fermatav1.Notification) (fermata.Answer, error) {
	wanted := n.GetScaleIn()
	if err := v.vnf.scaleIn(n.GetSessionId(), wanted.GetSuggestedServerIds()); err != nil {
		return fermata.Answer{}, err
	}
	v.log.Info("scaled in", "group", wanted.GetGroupName(), "servers", wanted.GetSuggestedServerIds())
	return fermata.OwnActionDone(wanted.GetSuggestedServerIds()...), nil
}

// onServerEvent sees to it that the active member is never one that is being touched, also if Fermata's plan changes.
func (v *vnfm) onServerEvent(_ context.Context, e *fermatav1.ServerEvent) error {
	v.log.Info("server", "name", e.GetName(), "change", strings.TrimPrefix(e.GetChange().String(), "SERVER_CHANGE_"))
	if e.GetChange() != fermatav1.ServerChange_SERVER_CHANGE_ACTION_STARTED || !v.vnf.isMember(e.GetName()) {
		return nil
	}
	moved, err := v.vnf.standBy(e.GetName())
	if moved {
		v.log.Warn("switched over late", "away_from", e.GetName())
	}
	return err
}

// onComplete scales out again.
func (v *vnfm) onComplete(_ context.Context, e *fermatav1.OwnerSessionEvent) error {
	back, err := v.vnf.scaleOut(e.GetSessionId())
	v.log.Info("complete", "session", e.GetSessionId(), "scaled_out", back)
	return err
}
