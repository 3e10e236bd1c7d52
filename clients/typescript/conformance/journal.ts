/** The journal of the conformance program: one JSON object per line. */
import { closeSync, openSync, writeSync } from "node:fs";
import {
  type InterruptedItem,
  type Notification,
  NotificationState,
  type OwnerActivity,
  type OwnerEvent,
  OwnerSessionChange,
  type OwnerSnapshot,
  ServerChange,
  type WatchItem,
} from "@fermata/client";

/** Writes what happens. A line is in the file when the method returns. */
export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** An item of the watch. */
  item(item: WatchItem<OwnerSnapshot, OwnerEvent>): void {
    switch (item.kind) {
      case "snapshot":
        return this.#write("snapshot", {
          sequence: item.position.sequence,
          store_id: item.position.storeId,
          servers: item.snapshot.servers.map((server) => server.serverId),
          notifications: item.snapshot.notifications.map((one) => [one.id, one.planRevision, stateOf(one)]),
        });
      case "event":
        return this.#write("event", { sequence: item.position.sequence, ...eventOf(item.event) });
      case "connected":
        return this.#write("connected", {});
      case "interrupted":
        return this.#interrupted(item);
    }
  }

  /** Something that the owner does. */
  activity(activity: OwnerActivity): void {
    switch (activity.kind) {
      case "item":
        return this.item(activity.item);
      case "handler": {
        const { handler, id, planRevision, attempt, phase } = activity;
        return this.#write("handler", { handler, id, plan_revision: planRevision, attempt, phase });
      }
      case "reply": {
        const { id, planRevision, answer, fallback, outcome } = activity;
        return this.#write("reply", { id, plan_revision: planRevision, answer, fallback, outcome });
      }
      case "acknowledged":
        return this.#write("acknowledged", { sequence: activity.sequence });
    }
  }

  /** The end: `stopped`, or the reason or code of an error. */
  ended(reason: string): void {
    this.#write("ended", { reason });
    closeSync(this.#file);
  }

  #interrupted({ cause, error }: InterruptedItem): void {
    this.#write("interrupted", { cause, code: error?.codeName ?? "" });
  }

  #write(kind: string, fields: object): void {
    const numbers = (_: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);
    writeSync(this.#file, `${JSON.stringify({ at: Date.now() / 1000, kind, ...fields }, numbers)}\n`);
  }
}

function stateOf({ state }: Notification): string {
  return NotificationState[state];
}

function eventOf({ event }: OwnerEvent): object {
  switch (event.case) {
    case "notification": {
      const { id, planRevision } = event.value;
      return { what: "notification", id, change: stateOf(event.value), plan_revision: planRevision };
    }
    case "server":
      return { what: "server", id: event.value.serverId, change: ServerChange[event.value.change], plan_revision: 0 };
    case "session":
      return { what: "session", id: event.value.sessionId, change: OwnerSessionChange[event.value.change], plan_revision: 0 };
    case undefined:
      return { what: "unknown", id: "", change: "", plan_revision: 0 };
  }
}
