package fermata_test

import (
	"fmt"
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
