package fermata_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	fermata "fermata.dev/clients/go"
	"fermata.dev/clients/go/fermatav1"
)

const (
	live    = fermatav1.Action_ACTION_LIVE_MIGRATE
	migrate = fermatav1.Action_ACTION_MIGRATE
)

func TestAcceptTakesDefaults(t *testing.T) {
	n := &fermatav1.Notification{DefaultAction: live, Servers: []*fermatav1.AffectedServer{
		{ServerId: "default", DefaultAction: live, AllowedActions: []fermatav1.Action{migrate, live}},
		{ServerId: "first", AllowedActions: []fermatav1.Action{migrate}},
		{ServerId: "nothing"},
	}}
	got := fermata.Accept().WithComment("well").Request(n)
	if text := fmt.Sprint(got.GetAccept().GetDecisions()); len(got.GetAccept().GetDecisions()) != 2 || got.GetComment() != "well" ||
		got.GetAccept().GetDecisions()[0].GetAction() != live || got.GetAccept().GetDecisions()[1].GetAction() != migrate {
		t.Error(text)
	}
	n.Servers = nil
	if got := fermata.Accept().Request(n); got.GetAccept().GetAction() != live {
		t.Error(got)
	}
}

func TestAcceptKeepsWhatTheOwnerHasDecided(t *testing.T) {
	all := []fermatav1.Action{migrate, live}
	byOwner := fermatav1.DecisionSource_DECISION_SOURCE_OWNER
	n := &fermatav1.Notification{Servers: []*fermatav1.AffectedServer{
		{ServerId: "decided", DefaultAction: live, AllowedActions: all, Decision: migrate, DecisionSource: byOwner},
		{ServerId: "no longer allowed", DefaultAction: live, AllowedActions: all[1:], Decision: migrate, DecisionSource: byOwner},
		{ServerId: "by the session", DefaultAction: live, AllowedActions: all, Decision: migrate,
			DecisionSource: fermatav1.DecisionSource_DECISION_SOURCE_SESSION_DEFAULT},
		{ServerId: "named", DefaultAction: live, AllowedActions: all},
	}}
	wanted := map[string]fermatav1.Action{"decided": migrate, "no longer allowed": live, "by the session": live, "named": live}
	if got := decided(fermata.Accept().Request(n)); !maps.Equal(got, wanted) {
		t.Error(got)
	}
	wanted["named"] = migrate
	if got := decided(fermata.AcceptEach(map[string]fermatav1.Action{"named": migrate}).Request(n)); !maps.Equal(got, wanted) {
		t.Error("with a decision", got)
	}
	delete(wanted, "named")
	n.DefaultAction = live
	undecided := fermata.AcceptEach(map[string]fermatav1.Action{"named": fermatav1.Action_ACTION_UNSPECIFIED}).Request(n)
	if got := decided(undecided); !maps.Equal(got, wanted) || undecided.GetAccept().GetAction() != fermatav1.Action_ACTION_UNSPECIFIED {
		t.Error("undecided", got)
	}
}

// decided are the decisions of a reply, by server.
func decided(r *fermatav1.ReplyRequest) map[string]fermatav1.Action {
	decisions := map[string]fermatav1.Action{}
	for _, d := range r.GetAccept().GetDecisions() {
		decisions[d.GetServerId()] = d.GetAction()
	}
	return decisions
}

func TestAReplyNeverHasTooManyDecisions(t *testing.T) {
	n := &fermatav1.Notification{}
	for i := range 10_001 {
		action := live
		if i%100 == 0 {
			action = migrate
		}
		n.Servers = append(n.Servers, &fermatav1.AffectedServer{ServerId: fmt.Sprint(i), DefaultAction: action})
	}
	accept := fermata.Accept().Request(n).GetAccept()
	if accept.GetAction() != live || len(accept.GetDecisions()) != 101 || accept.GetDecisions()[0].GetAction() != migrate {
		t.Error(accept.GetAction(), len(accept.GetDecisions()))
	}
}

func TestAnswersSayWhatTheyAre(t *testing.T) {
	n := &fermatav1.Notification{Id: "n", PlanRevision: 3, ProjectId: "p"}
	at := time.Unix(1_800_000_000, 0)
	for answer, ok := range map[string]bool{
		"accept":          fermata.AcceptAll(live).Request(n).GetAccept().GetAction() == live,
		"reject":          fermata.Reject("no").Request(n).GetReject().GetReason() == "no",
		"counter_offer":   fermata.NotBefore(at).Request(n).GetCounterOffer().GetNotBeforeTime().AsTime().Equal(at),
		"own_action_done": len(fermata.OwnActionDone("a", "b").Request(n).GetOwnActionDone().GetServerIds()) == 2,
		"no_answer":       fermata.NoAnswer().Request(n).GetAnswer() == nil,
	} {
		if !ok {
			t.Error(answer)
		}
	}
	if got := fmt.Sprint(fermata.AcceptAll(live), fermata.Reject(""), fermata.NotBefore(at), fermata.OwnActionDone(), fermata.Answer{}); got != "accept reject counter_offer own_action_done no_answer" {
		t.Error(got)
	}
}
