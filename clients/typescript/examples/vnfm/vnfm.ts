/**
 * The decisions of a VNFM with an active/standby pair: it switches over before it accepts, decides for each server, makes a
 * counter-offer in busy hours, scales in on request and out again.
 */
import {
  accept,
  Action,
  type AffectedServer,
  type Answer,
  counterOffer,
  date,
  type Notification,
  type OwnerHandlers,
  ownActionDone,
  reject,
} from "@fermata/client";
import type { Vnf } from "./vnf.js";

/** The handlers of the VNFM. */
export function vnfm(vnf: Vnf, log: (line: string) => void = () => {}): OwnerHandlers {
  const decide = async (notification: Notification): Promise<Answer> => {
    const later = offer(vnf, notification);
    if (later) {
      log(`busy until ${later.toISOString()}`);
      return counterOffer({ notBefore: later, comment: "a busy hour" });
    }
    await leave(vnf, notification, log);
    const decisions = notification.servers.map((server) => [server.serverId, actionFor(vnf, server)] as const);
    log(`accept ${decisions.map(([id, action]) => `${id}=${Action[action]}`).join(" ")}`);
    return accept(new Map(decisions));
  };
  return {
    onPlanned: decide,
    onDrain: decide,
    onScaleIn: async ({ scaleIn }) => {
      // The active member is the last one to go.
      const suggested = scaleIn?.suggestedServerIds ?? [];
      const gone = await vnf.scaleIn(suggested);
      return gone.length > 0 ? ownActionDone(gone) : reject("every member is needed");
    },
    onServerEvent: ({ name, detail }) => log(`${name}: ${detail}`),
    onComplete: async () => {
      await vnf.scaleOut();
      log("the maintenance is over");
    },
  };
}

/** A better time, if this one is bad and the other one is still inside the window. It is offered once. */
function offer(vnf: Vnf, { counterOffer: offered, window }: Notification): Date | undefined {
  const until = vnf.busyUntil();
  const end = date(window?.endTime);
  return until && end && until < end && !offered ? until : undefined;
}

/** Switches over if the active member is affected and the other one is not. */
async function leave(vnf: Vnf, { servers }: Notification, log: (line: string) => void): Promise<void> {
  const affected = new Set(servers.map(({ name }) => name));
  const other = vnf.pair.find((member) => !affected.has(member));
  if (!affected.has(vnf.active()) || other === undefined) return;
  await vnf.switchOver(other);
  log(`${other} is active`);
}

/** The standby may be down for the work; whatever carries traffic moves while it runs, if it can. */
function actionFor(vnf: Vnf, { name, allowedActions, defaultAction }: AffectedServer): Action {
  const isStandby = vnf.pair.includes(name) && vnf.active() !== name;
  const preferred = isStandby ? [Action.KEEP, Action.MIGRATE] : [Action.LIVE_MIGRATE, Action.MIGRATE];
  return preferred.find((action) => allowedActions.includes(action)) ?? defaultAction;
}
