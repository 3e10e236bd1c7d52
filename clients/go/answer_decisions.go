package fermata

import (
	"cmp"
	"slices"

	"fermata.dev/clients/go/fermatav1"
)

// maxDecisions is how many decisions a reply may have.
const maxDecisions = 10_000

func sortDecisions(decisions []*fermatav1.Decision) {
	slices.SortFunc(decisions, func(a, b *fermatav1.Decision) int { return cmp.Compare(a.GetServerId(), b.GetServerId()) })
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
