/** What an owner is made of: its handlers, its options, and what it reports. */
import type { FermataError } from "../error.js";
import type { Notification, OwnerEvent, OwnerSessionEvent, ServerEvent } from "../gen/fermata/v1/notification_pb.js";
import type { OwnerSnapshot } from "../gen/fermata/v1/notification_service_pb.js";
import type { SubscriptionFilter } from "../gen/fermata/v1/subscription_pb.js";
import type { Warning } from "../gen/fermata/v1/types_pb.js";
import type { WatchItem, WatchOptions } from "../watch/watch.js";
import type { Answer } from "./answer.js";

/** What a handler gets beside its notification or event. */
export interface HandlerContext {
  /**
   * Aborted when the result is of no use any more: the question was answered by somebody else, replaced or given up, the
   * fallback answered, or the owner stops.
   */
  readonly signal: AbortSignal;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
}

/** What a handler of a question gets beside the notification. */
export interface QuestionContext extends HandlerContext {
  /** From this time on the fallback answers. `undefined`: no deadline. */
  readonly answerBy: Date | undefined;
}

/** Answers a question. What it throws is reported, and it is called again. */
export type QuestionHandler = (notification: Notification, context: QuestionContext) => Answer | Promise<Answer>;

/** Handles an event. What it throws is reported, and it is called again, five times in all. */
export type EventHandler<E> = (event: E, context: HandlerContext) => void | Promise<void>;

/** What an owner does. A question without a handler is answered with `accept()`, SCALE_IN with `reject`. */
export interface OwnerHandlers {
  /** A session is planned: decisions may be given now, for every server. */
  readonly onPlanned?: QuestionHandler;
  /** A host with these servers is about to be drained: the last time to decide. */
  readonly onDrain?: QuestionHandler;
  /** Room is needed: scale in as `notification.scaleIn` asks, and return `ownActionDone()`, or `reject(…)`. */
  readonly onScaleIn?: QuestionHandler;
  /** Something happened to a server. */
  readonly onServerEvent?: EventHandler<ServerEvent>;
  /** Something happened to a session, other than its end. */
  readonly onSessionEvent?: EventHandler<OwnerSessionEvent>;
  /** A session has completed or was cancelled: the owner may scale out again. */
  readonly onComplete?: EventHandler<OwnerSessionEvent>;
  /** A reply did not count: the question is over, or the server refuses the reply for good. */
  readonly onReplyRefused?: (notification: Notification, error: FermataError) => void;
  /**
   * The server stored the subscription, and something in it may not be what was meant: for example, no server in the cloud belongs
   * to the project. Unset: `console.warn`.
   */
  readonly onWarning?: (warning: Warning) => void;
  /** A handler failed, or a position could not be acknowledged. Unset: `console.error`. */
  readonly onError?: (error: unknown, what: string) => void;
  /** Everything that the owner does, for logs and journals. */
  readonly onActivity?: (activity: OwnerActivity) => void;
}

/** Who the owner is, and how it behaves. */
export interface OwnerOptions extends OwnerHandlers {
  /** The project whose servers it owns. */
  readonly projectId: string;
  /** The name of its subscription: the same after every start. */
  readonly subscriptionId: string;
  /** A name for people. Unset: the id of the subscription. */
  readonly displayName?: string;
  /** Which events it wants. Unset: all of the project. */
  readonly filter?: SubscriptionFilter;
  /** What is answered when no handler did in time; SCALE_IN is always rejected then. Unset: `accept`. */
  readonly fallback?: "accept" | "reject";
  /**
   * How long before the deadline the fallback answers, in milliseconds; at most a quarter of the time that there was.
   * Unset: 10,000.
   */
  readonly answerMarginMs?: number;
  /** The most handlers that run at once. Unset: 64. */
  readonly maxConcurrentHandlers?: number;
  /** How often the server sends a heartbeat, in milliseconds. Unset: as the server is configured. */
  readonly heartbeatIntervalMs?: number;
  /** How long handlers may take to finish after the owner was stopped, in milliseconds. Unset: 10,000. */
  readonly stopTimeoutMs?: number;
  /** How patient the watch of the notifications is. */
  readonly watch?: Omit<WatchOptions, "signal">;
}

/** The handlers, by their names in logs and metrics. */
export type HandlerName = "planned" | "drain" | "scale_in" | "server" | "session" | "complete";

/** Something that an owner does. */
export type OwnerActivity =
  /** A snapshot or an event arrived, or the stream was cut, or is open again. */
  | { readonly kind: "item"; readonly item: WatchItem<OwnerSnapshot, OwnerEvent> }
  /** A handler begins, ends, fails, or is cancelled because its result is of no use any more. */
  | {
      readonly kind: "handler";
      readonly handler: HandlerName;
      /** The notification, server or session. */
      readonly id: string;
      /** 0 for events. */
      readonly planRevision: bigint;
      readonly attempt: number;
      readonly phase: "begin" | "end" | "failed" | "cancelled";
    }
  /** A reply was accepted or refused. */
  | {
      readonly kind: "reply";
      readonly id: string;
      readonly planRevision: bigint;
      readonly answer: Answer["kind"];
      readonly fallback: boolean;
      /** `accepted`, or the reason or code of the error. */
      readonly outcome: string;
    }
  /** Everything up to here has been handled, and the server knows. */
  | { readonly kind: "acknowledged"; readonly sequence: bigint };
