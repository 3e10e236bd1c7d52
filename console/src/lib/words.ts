/** What the contract's values are called on the page, and in which tone they are shown. */
import {
  Action, AuditAction, AuditResourceKind, CounterOfferState, DecisionSource, HostState, Impact, MaintenanceKind, MigrationType,
  NotificationKind, NotificationState, ObjectionEndCause, OnFailure, OnObjection, OnSilence, type OwnerAnswer, OwnerAnswerKind, type Progress, ReplyKind,
  ServerState, SessionHostState, SessionState, StartMode, UnexpectedAction, WaitParty,
} from "@fermata/client";

/** How a state is shown: what colour, and so what it means for who looks. */
export type Tone = "idle" | "info" | "busy" | "held" | "good" | "bad";

type Enum = Readonly<Record<string | number, string | number>>;

/** `IN_MAINTENANCE` as “In maintenance”. */
export function sentence(name: string): string {
  const words = name.replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function named(values: Enum, unset: string) {
  return (value: number): string => {
    if (value === 0) return unset;
    const name = values[value];
    // A newer server has values that this page has not.
    return typeof name === "string" ? sentence(name) : `Number ${value}`;
  };
}

export const sessionState = named(SessionState, "Unknown");
export const hostInSession = named(SessionHostState, "Unknown");
export const serverState = named(ServerState, "Unknown");
export const hostState = named(HostState, "Unknown");
export const notificationState = named(NotificationState, "Unknown");
export const notificationKind = named(NotificationKind, "Unknown");
export const ownerAnswerKind = named(OwnerAnswerKind, "–");
export const objectionEnd = named(ObjectionEndCause, "–");
export const replyKind = named(ReplyKind, "No reply");
export const action = named(Action, "Not decided");
export const decisionSource = named(DecisionSource, "–");
export const maintenanceKind = named(MaintenanceKind, "Temporary");
export const waitParty = named(WaitParty, "Unknown");
export const counterOfferState = named(CounterOfferState, "Unknown");
export const impact = named(Impact, "–");
export const auditAction = named(AuditAction, "–");
export const auditResourceKind = named(AuditResourceKind, "–");
export const unexpectedAction = named(UnexpectedAction, "Not set");
export const migrationType = named(MigrationType, "–");
export const onSilence = named(OnSilence, "Proceed");
export const onObjection = named(OnObjection, "Hold");
export const onFailure = named(OnFailure, "Stop");
export const startMode = named(StartMode, "Automatic");

const SESSION: Record<number, Tone> = {
  [SessionState.SCHEDULED]: "info", [SessionState.RUNNING]: "busy", [SessionState.PAUSED]: "held",
  [SessionState.CANCELLING]: "held", [SessionState.CANCELLED]: "idle", [SessionState.FAILED]: "bad", [SessionState.COMPLETED]: "good",
};
const IN_SESSION: Record<number, Tone> = {
  [SessionHostState.WAITING]: "idle", [SessionHostState.DRAINING]: "busy", [SessionHostState.IN_MAINTENANCE]: "held",
  [SessionHostState.RETURNING]: "info", [SessionHostState.MAINTAINED]: "good", [SessionHostState.RETIRED]: "good",
  [SessionHostState.DRAIN_FAILED]: "bad", [SessionHostState.MAINTENANCE_FAILED]: "bad", [SessionHostState.SKIPPED]: "idle",
  [SessionHostState.CANCELLED]: "idle",
};
const HOST: Record<number, Tone> = {
  [HostState.ENABLED]: "good", [HostState.DISABLED]: "idle", [HostState.GOING_TO_MAINTENANCE]: "busy", [HostState.IN_MAINTENANCE]: "held",
  [HostState.DOWN]: "bad", [HostState.RETIRED]: "idle", [HostState.REMOVED]: "idle",
};
const SERVER: Record<number, Tone> = {
  [ServerState.AFFECTED]: "idle", [ServerState.IN_ACTION]: "busy", [ServerState.OWN_ACTION]: "info", [ServerState.MOVED]: "good",
  [ServerState.KEPT]: "held", [ServerState.RESTORED]: "good", [ServerState.GONE]: "good", [ServerState.FAILED]: "bad",
  [ServerState.HANDED_OVER]: "bad",
};
const QUESTION: Record<number, Tone> = {
  [NotificationState.PENDING]: "busy", [NotificationState.ANSWERED]: "good", [NotificationState.REJECTED]: "bad",
  [NotificationState.EXPIRED]: "held", [NotificationState.CLOSED]: "idle", [NotificationState.COUNTER_OFFERED]: "info",
};

export const sessionTone = (state: SessionState): Tone => SESSION[state] ?? "idle";
export const hostInSessionTone = (state: SessionHostState): Tone => IN_SESSION[state] ?? "idle";
export const hostTone = (state: HostState): Tone => HOST[state] ?? "idle";
export const serverTone = (state: ServerState): Tone => SERVER[state] ?? "idle";
export const questionTone = (state: NotificationState): Tone => QUESTION[state] ?? "idle";

/** What an entry of a question's history says happened. */
export function ownerAnswer(answer: OwnerAnswer): string {
  switch (answer.kind) {
    case OwnerAnswerKind.REJECTED: return "Objected";
    case OwnerAnswerKind.REJECTED_BEFORE: return "Had objected to the announcement";
    case OwnerAnswerKind.OBJECTION_ENDED: return `Objection ended: ${objectionEnd(answer.endCause).toLowerCase()}`;
    case OwnerAnswerKind.OVERRIDDEN: return `Overridden by ${answer.principal}`;
    default: return ownerAnswerKind(answer.kind);
  }
}

/** The words with an entry of a question's history: of the operator, of the objection, of the reply. */
export function wordsOf(answer: OwnerAnswer): string {
  const objection = answer.objection && answer.kind === OwnerAnswerKind.OVERRIDDEN ? `had objected: ${answer.objection}` : answer.objection;
  return [answer.reason, objection, answer.comment].filter(Boolean).join("; ");
}

/** `1 host`, `2 hosts`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** Whether a session has come to its end. */
export function hasEnded(state: SessionState): boolean {
  return state === SessionState.COMPLETED || state === SessionState.CANCELLED;
}

/** How many hosts of a session were done. Those that were left out count among `hostsDone`, and are shown apart. */
export function hostFigures(progress: Progress | undefined): { done: number; total: number; failed: number; skipped: number } {
  const { hostsDone = 0, hostsSkipped = 0, hostsTotal = 0, hostsFailed = 0 } = progress ?? {};
  return { done: hostsDone - hostsSkipped, total: hostsTotal, failed: hostsFailed, skipped: hostsSkipped };
}

/** Whether nothing was done with a host, so that nothing of it is shown as done. */
export function isLeftOut(state: SessionHostState): boolean {
  return state === SessionHostState.SKIPPED || state === SessionHostState.CANCELLED;
}
