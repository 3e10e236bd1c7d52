/** How the owner of the conformance program behaves. */
import { setTimeout } from "node:timers/promises";
import {
  accept,
  type Answer,
  counterOffer,
  type HandlerContext,
  noAnswer,
  type Notification,
  NotificationKind,
  type OwnerHandlers,
  reject,
} from "@fermata/client";
import type { Behaviour, Options } from "./options.js";

/** A handler that raises does so this often. */
const FAILURES = 2;
const OFFER_MS = 10_000;

/** The handlers of a behaviour. */
export function handlersOf({ behaviour, slowForMs }: Options): OwnerHandlers {
  const offered = new Set<string>();
  const event = (_: unknown, { attempt }: HandlerContext) => {
    if (behaviour === "raise" && attempt <= FAILURES) throw new Error(`failure ${attempt} of ${FAILURES}`);
  };
  const question = async (notification: Notification, context: HandlerContext) => {
    event(notification, context);
    if (behaviour === "slow") await setTimeout(slowForMs, undefined, { signal: context.signal });
    return answerOf(behaviour, notification, offered);
  };
  return {
    onPlanned: question,
    onDrain: question,
    onScaleIn: question,
    onServerEvent: event,
    onSessionEvent: event,
    onComplete: event,
  };
}

function answerOf(behaviour: Behaviour, notification: Notification, offered: Set<string>): Answer {
  const isScaleIn = notification.kind === NotificationKind.SCALE_IN;
  const yes = isScaleIn ? reject("no server can go") : accept();
  switch (behaviour) {
    case "accept":
    case "raise":
    case "slow":
      return yes;
    case "reject":
      return reject("this owner rejects everything");
    case "no_answer":
      return noAnswer();
    case "counter_offer":
      if (isScaleIn || offered.has(notification.id)) return yes;
      offered.add(notification.id);
      return counterOffer({ notBefore: new Date(Date.now() + OFFER_MS) });
  }
}
