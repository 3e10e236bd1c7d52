package fermata

import (
	"cmp"
	"slices"

	"fermata.dev/clients/go/fermatav1"
)

// maxDecisions is how many decisions a reply may have.
const maxDecisions = 10_000

// completed accepts with these decisions, and with what [Accept] takes for all other servers: one that stayed undecided would
// keep the session waiting, so that has to be wanted.
func completed(n *fermatav1.Notification, given map[string]fermatav1.Action) *fermatav1.Accept {
	accept := &fermatav1.Accept{}
	decide := func(server string, action fermatav1.Action) {
		accept.Decisions = append(accept.Decisions, &fermatav1.Decision{ServerId: server, Action: action})
	}
	hasUndecided := false
	for server, action := range given {
		if action == fermatav1.Action_ACTION_UNSPECIFIED {
			hasUndecided = true
		} else {
			decide(server, action)
		}
	}
	for _, server := range n.GetServers() {
		_, named := given[server.GetServerId()]
		if action := keptOrDefault(server); !named && action != fermatav1.Action_ACTION_UNSPECIFIED {
			decide(server.GetServerId(), action)
		}
	}
	// Sorted, so that a reply that is sent again is the same one.
	slices.SortFunc(accept.Decisions, func(a, b *fermatav1.Decision) int { return cmp.Compare(a.GetServerId(), b.GetServerId()) })
	if hasUndecided {
		// An action for all would decide for it, too.
		return accept
	}
	if len(n.GetServers()) == 0 {
		// They could not be listed.
		accept.Action = n.GetDefaultAction()
	}
	return shortened(accept)
}

// keptOrDefault is what the owner has decided before: a question about one server does not change the word about another.
func keptOrDefault(server *fermatav1.AffectedServer) fermatav1.Action {
	byOwner := server.GetDecisionSource() == fermatav1.DecisionSource_DECISION_SOURCE_OWNER
	if byOwner && slices.Contains(server.GetAllowedActions(), server.GetDecision()) {
		return server.GetDecision()
	}
	return DefaultAction(server)
}

// shortened makes the most frequent decision the one for all, where there are too many to name each.
func shortened(accept *fermatav1.Accept) *fermatav1.Accept {
	if len(accept.Decisions) <= maxDecisions {
		return accept
	}
	counts := map[fermatav1.Action]int{}
	for _, decision := range accept.Decisions {
		counts[decision.GetAction()]++
		if counts[decision.GetAction()] > counts[accept.Action] {
			accept.Action = decision.GetAction()
		}
	}
	accept.Decisions = slices.DeleteFunc(accept.Decisions, func(d *fermatav1.Decision) bool { return d.GetAction() == accept.Action })
	return accept
}
