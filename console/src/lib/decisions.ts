/** What an owner decides, before it is sent. */
import { Action, type AffectedServer, type MessageInitShape, type ReplyRequestSchema, ServerState } from "@fermata/client";

/** What a reply says. */
export type Answer = NonNullable<MessageInitShape<typeof ReplyRequestSchema>["answer"]>;

/** Whether it may still be decided what happens to a server. */
export function isOpen({ state }: AffectedServer): boolean {
  return state === ServerState.AFFECTED || state === ServerState.OWN_ACTION;
}

/** Actions that every open server allows, so that one may be chosen for all. */
export function sharedActions(servers: readonly AffectedServer[]): Action[] {
  const [first, ...others] = servers.filter(isOpen);
  return (first?.allowedActions ?? []).filter((action) => others.every(({ allowedActions }) => allowedActions.includes(action)));
}

/** What will happen to a server: what is chosen for it or for all, or else is decided, or happens without a reply. */
export function outcome(server: AffectedServer, all: Action, chosen: ReadonlyMap<string, Action>): Action {
  return chosen.get(server.serverId) || all || server.decision || server.defaultAction;
}

/**
 * The answer that accepts with what is shown for each server. The action that most servers have stands once, for all that are not
 * named; where something has begun, or a server has none, each is named.
 */
export function accepting(servers: readonly AffectedServer[], all: Action, chosen: ReadonlyMap<string, Action>): Answer {
  const open = servers.filter(isOpen);
  const decisions = open.map((server) => ({ serverId: server.serverId, action: outcome(server, all, chosen) }));
  const decided = decisions.filter(({ action }) => action !== Action.UNSPECIFIED);
  if (servers.length > 0 && decided.length < servers.length) return { case: "accept", value: { decisions: decided } };
  const action = servers.length > 0 ? mostFrequent(decided.map((decision) => decision.action)) : all;
  return { case: "accept", value: { action, decisions: decided.filter((decision) => decision.action !== action) } };
}

function mostFrequent(actions: readonly Action[]): Action {
  const counts = new Map<Action, number>();
  for (const action of actions) counts.set(action, (counts.get(action) ?? 0) + 1);
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most), [Action.UNSPECIFIED, 0])[0];
}
