/** What the parts of a running owner share. */
import type { Connection } from "../connection.js";
import type { FermataError } from "../error.js";
import type { Notification } from "../gen/fermata/v1/notification_pb.js";
import type { Warning } from "../gen/fermata/v1/types_pb.js";
import { Slots } from "./slots.js";
import { Telemetry } from "./telemetry.js";
import type { HandlerName, OwnerActivity, OwnerOptions } from "./types.js";

/** The first wait before a handler that failed is called again; it doubles. */
export const FIRST_RETRY_MS = 1_000;
/** The longest of those waits. */
export const LONGEST_RETRY_MS = 30_000;

/** One run of an owner. */
export class World {
  readonly slots: Slots;
  readonly telemetry = new Telemetry();
  /** No new handler begins any more. */
  readonly stopping = new AbortController();
  /** What still runs is left. */
  readonly stopped = new AbortController();

  constructor(
    readonly connection: Connection,
    readonly options: OwnerOptions,
  ) {
    this.slots = new Slots(options.maxConcurrentHandlers ?? 64);
  }

  /** Reports something that happened. A hook that fails has no influence on the owner. */
  report(activity: OwnerActivity): void {
    this.#guarded(() => this.options.onActivity?.(activity));
  }

  /** Reports that an attempt of a handler has reached a phase. */
  phase(
    handler: HandlerName,
    id: string,
    planRevision: bigint,
    attempt: number,
    phase: "begin" | "end" | "failed" | "cancelled",
  ): void {
    this.report({ kind: "handler", handler, id, planRevision, attempt, phase });
  }

  /** Tells the author of an error that the owner goes on after. */
  error(error: unknown, what: string): void {
    if (this.options.onError) this.#guarded(() => this.options.onError?.(error, what));
    else console.error(`fermata: ${what}:`, error);
  }

  /** Tells the author what may not be what was meant. */
  warning(warning: Warning): void {
    if (this.options.onWarning) this.#guarded(() => this.options.onWarning?.(warning));
    else console.warn(`fermata: ${warning.field}: ${warning.message}`);
  }

  /** Tells the author that a reply did not count. */
  refused(notification: Notification, error: FermataError): void {
    this.#guarded(() => this.options.onReplyRefused?.(notification, error));
  }

  #guarded(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      console.error("fermata: a hook of the owner failed:", error);
    }
  }
}
