/** What an owner answers, and the reply that says so. */
import { create } from "@bufbuild/protobuf";
import {
  type AffectedServer,
  CounterOfferSchema,
  type Notification,
  NotificationKind,
} from "../gen/fermata/v1/notification_pb.js";
import {
  AcceptSchema,
  DecisionSchema,
  OwnActionDoneSchema,
  RejectSchema,
  type ReplyRequest,
  ReplyRequestSchema,
} from "../gen/fermata/v1/notification_service_pb.js";
import { Action, DecisionSource } from "../gen/fermata/v1/types_pb.js";
import { timestamp } from "../time.js";

/** The action for single servers, by server id. */
export type Decisions = Readonly<Record<string, Action>> | ReadonlyMap<string, Action>;

/** A comment that the operator sees. */
export interface Comment {
  /** Human-readable, at most 1,024 characters. */
  readonly comment?: string;
}

/** Other time or order, see {@link counterOffer}. */
export interface Offer extends Comment {
  /** The servers it is about. Unset: all of the notification that nothing has begun on. */
  readonly servers?: readonly string[];
  /** They are not touched before this time. */
  readonly notBefore?: Date;
  /** They are not touched before these servers of the same owner are done. */
  readonly after?: readonly string[];
}

/** The answer to a question. The functions {@link accept}, {@link reject} and so on make one. */
export type Answer =
  | { readonly kind: "accept"; readonly action?: Action; readonly decisions?: Decisions; readonly comment: string }
  | { readonly kind: "reject"; readonly reason: string; readonly comment: string }
  | { readonly kind: "counter_offer"; readonly offer: Offer; readonly comment: string }
  | { readonly kind: "own_action_done"; readonly servers: readonly string[]; readonly comment: string }
  | { readonly kind: "no_answer" };

/**
 * Go on.
 *
 * - `accept()`: each server gets its default action, or its first allowed action where it has no default. A server that the
 *   owner has decided about before keeps that decision.
 * - `accept(Action.MIGRATE)`: every server gets this action.
 * - `accept({ [serverId]: Action.KEEP })`: these servers get these actions. The others get `others`, or stay undecided.
 */
export function accept(choice?: Action | Decisions, options: Comment & { readonly others?: Action } = {}): Answer {
  const comment = options.comment ?? "";
  if (choice === undefined) return { kind: "accept", comment };
  if (typeof choice === "number") return { kind: "accept", action: choice, comment };
  return { kind: "accept", decisions: choice, action: options.others ?? Action.UNSPECIFIED, comment };
}

/**
 * Do not go on. What happens then is up to the session (`on_objection`).
 *
 * @param reason - human-readable, at most 1,024 characters; the operator sees it
 * @param options - a comment
 */
export function reject(reason: string, options: Comment = {}): Answer {
  return { kind: "reject", reason, comment: options.comment ?? "" };
}

/** Not like this, but at another time or in another order. Fermata makes a plan with it and asks again. Not for SCALE_IN. */
export function counterOffer(offer: Offer): Answer {
  return { kind: "counter_offer", offer, comment: offer.comment ?? "" };
}

/**
 * The owner has done its own action; for SCALE_IN: it has scaled in, as far as it can.
 *
 * @param servers - ids of servers. Empty: all of the notification that were decided OWN_ACTION
 * @param options - a comment
 */
export function ownActionDone(servers: readonly string[] = [], options: Comment = {}): Answer {
  return { kind: "own_action_done", servers, comment: options.comment ?? "" };
}

/** No reply is sent: the session's `on_silence` and defaults apply. */
export function noAnswer(): Answer {
  return { kind: "no_answer" };
}

/** The reply that carries an answer. */
export function replyTo(
  notification: Notification,
  answer: Exclude<Answer, { kind: "no_answer" }>,
  requestId: string,
): ReplyRequest {
  return create(ReplyRequestSchema, {
    projectId: notification.projectId,
    notificationId: notification.id,
    planRevision: notification.planRevision,
    comment: answer.comment,
    requestId,
    answer: bodyOf(notification, answer),
  });
}

function bodyOf(notification: Notification, answer: Exclude<Answer, { kind: "no_answer" }>): ReplyRequest["answer"] {
  switch (answer.kind) {
    case "accept":
      return { case: "accept", value: accepted(notification, answer) };
    case "reject":
      return { case: "reject", value: create(RejectSchema, { reason: answer.reason }) };
    case "counter_offer": {
      const { servers = [], after = [], notBefore } = answer.offer;
      const time = notBefore && { notBeforeTime: timestamp(notBefore) };
      return { case: "counterOffer", value: create(CounterOfferSchema, { serverIds: [...servers], afterServerIds: [...after], ...time }) };
    }
    case "own_action_done":
      return { case: "ownActionDone", value: create(OwnActionDoneSchema, { serverIds: [...answer.servers] }) };
  }
}

function accepted(notification: Notification, answer: Extract<Answer, { kind: "accept" }>) {
  const { action, decisions } = answer;
  if (decisions !== undefined) {
    const entries = decisions instanceof Map ? [...decisions] : Object.entries(decisions);
    return decided(entries as [string, Action][], action);
  }
  return action === undefined ? defaults(notification) : decided([], action);
}

function decided(entries: readonly [string, Action][], action: Action = Action.UNSPECIFIED) {
  const decisions = entries.map(([serverId, action]) => create(DecisionSchema, { serverId, action }));
  return create(AcceptSchema, { action, decisions });
}

function defaults(notification: Notification) {
  // A server of the same question may be on two hosts of the plan; it is decided about once.
  const chosen = new Map<string, Action>();
  for (const server of notification.servers) {
    if (isDecided(server)) continue;
    const action = server.defaultAction || server.allowedActions[0] || notification.defaultAction;
    if (action) chosen.set(server.serverId, action);
  }
  return chosen.size > 0 ? decided([...chosen]) : decided([], notification.defaultAction);
}

function isDecided(server: AffectedServer): boolean {
  return server.decision !== Action.UNSPECIFIED && server.decisionSource === DecisionSource.OWNER;
}

/** What is answered where no handler does. */
export function fallbackAnswer(notification: Notification, fallback: "accept" | "reject"): Answer {
  if (notification.kind === NotificationKind.SCALE_IN) return reject("this owner does not scale in on request");
  return fallback === "accept" ? accept() : reject("the owner could not decide in time");
}
