package main

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"fermata.dev/clients/go/fermatav1"
)

func newVNFM(t *testing.T, busy string) *vnfm {
	t.Helper()
	vnf, err := openVNF(filepath.Join(t.TempDir(), "state"), [2]string{"gateway-1", "gateway-2"})
	if err != nil {
		t.Fatal(err)
	}
	hours, err := parseHours(busy)
	if err != nil {
		t.Fatal(err)
	}
	return &vnfm{log: slog.New(slog.NewTextHandler(io.Discard, nil)), vnf: vnf, busy: hours}
}

var allActions = []fermatav1.Action{fermatav1.Action_ACTION_LIVE_MIGRATE, fermatav1.Action_ACTION_MIGRATE, fermatav1.Action_ACTION_KEEP}

// question is about servers that are touched one after the other, an hour apart, from 20:00.
func question(names ...string) *fermatav1.Notification {
	n := &fermatav1.Notification{Id: "n", SessionId: "s", PlanRevision: 1}
	for i, name := range names {
		start := time.Date(2026, 11, 30, 20+i, 0, 0, 0, time.UTC)
		n.Servers = append(n.Servers, &fermatav1.AffectedServer{ServerId: "id-" + name, Name: name, AllowedActions: allActions, ExpectedStartTime: timestamppb.New(start)})
	}
	return n
}

func reply(t *testing.T, v *vnfm, n *fermatav1.Notification) *fermatav1.ReplyRequest {
	t.Helper()
	answer, err := v.onPlanned(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Request(n)
}

func decisions(r *fermatav1.ReplyRequest) map[string]fermatav1.Action {
	decisions := map[string]fermatav1.Action{}
	for _, d := range r.GetAccept().GetDecisions() {
		decisions[d.GetServerId()] = d.GetAction()
	}
	return decisions
}

func TestTheActiveMemberIsSwitchedOverBeforeItIsTouched(t *testing.T) {
	v := newVNFM(t, "")
	got := decisions(reply(t, v, question("gateway-1", "database")))
	if got["id-gateway-1"] != fermatav1.Action_ACTION_MIGRATE || got["id-database"] != fermatav1.Action_ACTION_LIVE_MIGRATE {
		t.Error(got)
	}
	if v.vnf.state.Active != "gateway-2" {
		t.Error("active is", v.vnf.state.Active)
	}
	again, err := openVNF(v.vnf.file, v.vnf.members)
	if err != nil || again.state.Active != "gateway-2" {
		t.Error("not kept:", again, err)
	}
}

func TestOfBothMembersOnlyTheFirstIsDecided(t *testing.T) {
	v := newVNFM(t, "")
	got := decisions(reply(t, v, question("gateway-2", "gateway-1")))
	if len(got) != 1 || got["id-gateway-2"] != fermatav1.Action_ACTION_MIGRATE || v.vnf.state.Active != "gateway-1" {
		t.Error(got, v.vnf.state)
	}
}

func TestBusyHoursAreOfferedAround(t *testing.T) {
	v := newVNFM(t, "18:00-22:30")
	n := question("gateway-1")
	offer := reply(t, v, n).GetCounterOffer()
	if offer.GetNotBeforeTime().AsTime() != time.Date(2026, 11, 30, 22, 30, 0, 0, time.UTC) || v.vnf.state.Active != "gateway-1" {
		t.Error(offer, v.vnf.state)
	}
	n.CounterOffer = &fermatav1.CounterOfferStatus{State: fermatav1.CounterOfferState_COUNTER_OFFER_STATE_DECLINED}
	if r := reply(t, v, n); r.GetAccept() == nil {
		t.Error("declined, and still", r)
	}
}

func TestHours(t *testing.T) {
	night, err := parseHours("22:00-02:00")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	for _, hour := range []time.Time{at(29, 22), at(30, 1)} {
		if end, busy := night.endOf(hour); !busy || end != at(30, 2) {
			t.Error(hour, end, busy)
		}
	}
	for _, hour := range []time.Time{at(29, 21), at(30, 2)} {
		if _, busy := night.endOf(hour); busy {
			t.Error(hour)
		}
	}
	if _, err := parseHours("at night"); err == nil {
		t.Error("these are no hours")
	}
}

func TestWhatWasScaledInIsScaledOutOnce(t *testing.T) {
	v := newVNFM(t, "")
	n := &fermatav1.Notification{SessionId: "s", ScaleIn: &fermatav1.ScaleIn{SuggestedServerIds: []string{"worker-1", "worker-2"}}}
	answer, err := v.onScaleIn(context.Background(), n)
	if err != nil || !slices.Equal(answer.Request(n).GetOwnActionDone().GetServerIds(), []string{"worker-1", "worker-2"}) {
		t.Fatal(answer, err)
	}
	for _, wanted := range []int{2, 0} {
		if back, err := v.vnf.scaleOut("s"); back != wanted || err != nil {
			t.Error(back, err)
		}
	}
}
