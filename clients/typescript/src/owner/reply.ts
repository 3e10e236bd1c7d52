/** Sends a reply until it has counted, or cannot count any more. */
import { Code } from "@connectrpc/connect";
import { Backoff } from "../backoff.js";
import { FermataError } from "../error.js";
import { ErrorReason } from "../gen/fermata/v1/errors_pb.js";
import type { Notification } from "../gen/fermata/v1/notification_pb.js";
import { LinkedController, sleep } from "../signals.js";
import { date } from "../time.js";
import { type Answer, replyTo } from "./answer.js";
import type { World } from "./world.js";

/** How long one attempt may take before it is made again. */
const ATTEMPT_TIMEOUT_MS = 15_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/** The question is over, the answer was not a valid one, or the owner stopped before it knew. */
export type ReplyOutcome = { state: "over" } | { state: "invalid"; error: unknown } | { state: "left" };

/** What is replied to what. */
export interface Reply {
  readonly notification: Notification;
  readonly answer: Exclude<Answer, { kind: "no_answer" }>;
  readonly requestId: string;
  readonly fallback: boolean;
}

/** @param over - aborted when the question does not need this reply any more */
export async function sendReply(world: World, reply: Reply, over: AbortSignal): Promise<ReplyOutcome> {
  const { notification, answer, requestId, fallback } = reply;
  const outcome = (label: string): ReplyOutcome => {
    const { id, planRevision } = notification;
    world.telemetry.reply(answer.kind, label, fallback);
    world.report({ kind: "reply", id, planRevision, answer: answer.kind, fallback, outcome: label });
    return { state: "over" };
  };
  let request: ReturnType<typeof replyTo>;
  try {
    request = replyTo(notification, answer, requestId);
  } catch (error) {
    return { state: "invalid", error };
  }
  const stopped = world.stopped.signal;
  const cut = new LinkedController(over, stopped);
  const backoff = new Backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS);
  try {
    while (!cut.signal.aborted) {
      try {
        // A call that is under way is not cancelled when the question is over: that may be by this very reply.
        await world.connection.notifications.reply(request, { signal: stopped, timeoutMs: ATTEMPT_TIMEOUT_MS });
        return outcome("accepted");
      } catch (thrown) {
        const error = FermataError.from(thrown, stopped);
        if (stopped.aborted) return { state: "left" };
        if (error.code === Code.InvalidArgument && !fallback) {
          outcome(error.label);
          return { state: "invalid", error };
        }
        const deadline = date(notification.replyDeadlineTime)?.getTime() ?? Number.POSITIVE_INFINITY;
        if (!mayCount(error) || Date.now() >= deadline || over.aborted) {
          if (!over.aborted || !mayCount(error)) world.refused(notification, error);
          return outcome(error.label);
        }
        await sleep(backoff.next(error.retryAfterMs), cut.signal);
      }
    }
    return stopped.aborted ? { state: "left" } : { state: "over" };
  } finally {
    cut.release();
  }
}

/** Whether the same reply may count when it is sent again. */
function mayCount(error: FermataError): boolean {
  switch (error.code) {
    case Code.Unavailable:
    case Code.DeadlineExceeded:
    case Code.ResourceExhausted:
    case Code.Unknown:
    case Code.Internal:
    case Code.Canceled:
      return true;
    case Code.Aborted:
      return error.reasonName === "" || error.reason === ErrorReason.CONCURRENT_CHANGE;
    case Code.Unauthenticated:
      return error.reason === ErrorReason.CREDENTIALS_EXPIRED;
    default:
      return false;
  }
}
