/** What an operator may do with a session and its hosts, as acts that are asked about. */
import { type Connection, type Session, type SessionHost, SessionHostState as Host, SessionState as State, type Wait } from "@fermata/client";
import type { Act } from "./acts.svelte.ts";
import { hasEnded } from "./words.ts";

/** A button, and the act that it asks about. */
export interface Offer {
  readonly label: string;
  /** What is mostly wanted, and harms nobody. */
  readonly isUsual?: boolean;
  readonly act: Act;
}

/** Acts on a session as a whole, the usual one first. */
export function sessionOffers(connection: Connection, session: Session, deleted: () => void): Offer[] {
  const sessionId = session.id;
  const state = session.status?.state ?? State.UNSPECIFIED;
  const { sessions } = connection;
  const offers: Offer[] = [];
  if (state === State.SCHEDULED) {
    offers.push({
      label: "Start now", isUsual: true,
      act: {
        title: "Start the session", verb: "Start", reason: "may",
        text: "Replies to the announcement that have not come are not waited for. Owners are still asked before each host is drained.",
        perform: (reason) => sessions.startSession({ sessionId, reason }),
      },
    });
  }
  if (state === State.RUNNING) {
    offers.push({
      label: "Pause",
      act: {
        title: "Pause the session", verb: "Pause", reason: "may",
        text: "Nothing new starts until you resume it. Actions that have begun are finished.",
        perform: (reason) => sessions.pauseSession({ sessionId, reason }),
      },
    });
  }
  if (state === State.PAUSED || state === State.FAILED) {
    offers.push({
      label: "Resume", isUsual: true,
      act: {
        title: "Resume the session", verb: "Resume", reason: "may",
        text: state === State.FAILED ? "The session goes on, and failed hosts are tried again." : "The session goes on.",
        perform: (reason) => sessions.resumeSession({ sessionId, reason }),
      },
    });
  }
  if (hasEnded(state)) {
    offers.push({
      label: "Delete",
      act: {
        title: "Delete the session", verb: "Delete", reason: "no", isDangerous: true,
        text: "The session and its report are gone for good. What was done stays in the audit trail.",
        perform: async () => {
          await sessions.deleteSession({ sessionId });
          deleted();
        },
      },
    });
  } else if (state !== State.CANCELLING) {
    offers.push({
      label: "Cancel session",
      act: {
        title: "Cancel the session", verb: "Cancel the session", reason: "must", isDangerous: true,
        text: "Actions that have begun are finished, hosts are given back, and kept servers are started. A host in maintenance stays held until you complete it.",
        perform: (reason) => sessions.cancelSession({ sessionId, reason }),
      },
    });
  }
  return offers;
}

/** Acts on a host of a session, the usual one first. */
export function hostOffers(connection: Connection, session: Session, host: SessionHost): Offer[] {
  if (hasEnded(session.status?.state ?? State.UNSPECIFIED)) return [];
  const call = { sessionId: session.id, host: host.host };
  const { sessions } = connection;
  const complete: Offer = {
    label: "Complete", isUsual: true,
    act: {
      title: `Complete ${host.host}`, verb: "Complete", reason: "may",
      text: "The work on the host is done: it goes back to service, or is retired.",
      perform: (reason) => sessions.completeHost({ ...call, reason }),
    },
  };
  const fail: Offer = {
    label: "Fail",
    act: {
      title: `Report that ${host.host} failed`, verb: "Report the failure", reason: "must", isDangerous: true,
      text: host.state === Host.DRAINING ? "The drain is given up, and the host goes back to service." : "The work failed: the host stays disabled, and is left to you.",
      perform: (reason) => sessions.failHost({ ...call, reason }),
    },
  };
  const skip: Offer = {
    label: "Skip",
    act: {
      title: `Skip ${host.host}`, verb: "Skip", reason: "must", isDangerous: true,
      text: "The host is left out of the session.",
      perform: (reason) => sessions.skipHost({ ...call, reason }),
    },
  };
  const retry: Offer = {
    label: "Retry", isUsual: true,
    act: {
      title: `Try ${host.host} again`, verb: "Try again", reason: "may",
      text: "The host is drained again, or its drain goes on.",
      perform: (reason) => sessions.retryHost({ ...call, reason }),
    },
  };
  const override: Offer = {
    label: "Override owners",
    act: {
      title: `Go on with ${host.host} although owners object or are silent`, verb: "Override", reason: "must", isDangerous: true,
      text: "Each server without a decision gets the action of its policy, or else the session's default action. Owners are told.",
      perform: (reason) => sessions.retryHost({ ...call, reason, overrideOwners: true }),
    },
  };
  switch (host.state) {
    case Host.IN_MAINTENANCE: return [complete, fail];
    case Host.WAITING: return [skip];
    case Host.DRAINING: return [fail, skip, override];
    case Host.DRAIN_FAILED:
    case Host.MAINTENANCE_FAILED: return [retry, skip, override];
    case Host.SKIPPED: return [retry];
    case Host.UNSPECIFIED:
    case Host.RETURNING:
    case Host.MAINTAINED:
    case Host.RETIRED:
    case Host.CANCELLED: return [];
  }
}

const LABELS: Readonly<Record<string, string>> = {
  StartSession: "Start now", ResumeSession: "Resume", CompleteHost: "Complete", RetryHost: "Retry", SkipHost: "Skip", FailHost: "Fail", CancelSession: "Cancel session",
};

/** What an operator may do to end a wait: those acts that the server names and that are possible. */
export function waitOffers(connection: Connection, session: Session, hosts: readonly SessionHost[], wait: Wait): Offer[] {
  const host = wait.host ? hosts.find(({ host }) => host === wait.host) : undefined;
  const possible = [...(host ? hostOffers(connection, session, host) : sessionOffers(connection, session, () => undefined))];
  const named = wait.endedBy.map((method) => LABELS[method.split("/").at(-1) ?? ""]);
  // A drain that is held goes on by a retry, which overrides who objected or was silent.
  if (host?.state === Host.DRAINING && named.includes("Retry")) named.push("Override owners");
  return named.flatMap((label) => possible.filter((offer) => offer.label === label));
}
