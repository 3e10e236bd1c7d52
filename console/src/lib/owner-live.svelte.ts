/** What concerns an owner, as it happens: its questions, its servers, and what was told since the page was opened. */
import {
  type AffectedServer, type Connection, create, duration, type Notification, NotificationState, OwnerSessionChange, type OwnerEvent, ServerChange,
  type OwnerSnapshot, type ServerEvent, SubscribeRequestSchema,
} from "@fermata/client";
import { follow, Live } from "./live.svelte.ts";
import { throttled } from "./throttled.ts";
import { action, sentence, serverTone, type Tone } from "./words.ts";

/** Something that was told. */
export interface OwnerLine {
  readonly id: number;
  readonly time: number;
  readonly tone: Tone;
  readonly subject: string;
  readonly text: string;
}

const LINES_KEPT = 1000;

/** Whether an answer may still be given, or changed. */
export function isOpen({ state }: Notification): boolean {
  return state === NotificationState.PENDING || state === NotificationState.ANSWERED || state === NotificationState.REJECTED;
}

export class OwnerLive {
  questions = $state.raw<readonly Notification[]>([]);
  servers = $state.raw<readonly AffectedServer[]>([]);
  /** The newest first. */
  lines = $state.raw<readonly OwnerLine[]>([]);
  live = $state.raw<Live>(new Live());

  readonly #questions = new Map<string, Notification>();
  readonly #servers = new Map<string, AffectedServer>();
  readonly #show = throttled(50, () => this.#flush());
  // What no longer concerns the owner is only seen in a new snapshot.
  readonly #again = throttled(1000, () => this.#open());
  #pending: OwnerLine[] = [];
  #count = 0;
  #stop = new AbortController();

  constructor(private readonly connection: Connection, private readonly projectId: string) {
    this.#open();
  }

  close(): void {
    this.#stop.abort();
    this.#show.stop();
    this.#again.stop();
  }

  /** Those that wait for an answer. */
  get waiting(): readonly Notification[] {
    return this.questions.filter(({ state }) => state === NotificationState.PENDING);
  }

  /** Puts in what a reply was answered with, before the stream tells it. */
  put(notification: Notification | undefined): void {
    if (!notification) return;
    this.#question(notification);
    this.#show.ask();
  }

  #open(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    const request = create(SubscribeRequestSchema, { projectId: this.projectId, heartbeatInterval: duration(5000) });
    const handlers = {
      snapshot: ({ servers, notifications }: OwnerSnapshot) => {
        this.#questions.clear();
        this.#servers.clear();
        for (const notification of notifications) this.#questions.set(notification.id, notification);
        for (const server of servers) this.#servers.set(server.serverId, server);
        this.#flush();
      },
      event: (event: OwnerEvent, time: number) => this.#event(event, time),
    };
    this.live = follow(this.connection, request, handlers, this.#stop.signal);
  }

  #question(notification: Notification): void {
    this.#questions.set(notification.id, notification);
    for (const server of notification.servers) this.#servers.set(server.serverId, server);
  }

  #event({ event }: OwnerEvent, time: number): void {
    const line = (tone: Tone, subject: string, text: string) => this.#pending.push({ id: (this.#count += 1), time, tone, subject, text });
    if (event.case === "notification") this.#question(event.value);
    if (event.case === "server") {
      const { serverId, name, change, state, detail } = event.value;
      const server = this.#servers.get(serverId);
      if (server) this.#servers.set(serverId, { ...server, state });
      line(serverTone(state), name || serverId, [changed(event.value), detail].filter(Boolean).join(" – "));
      if (change === ServerChange.GONE) this.#again.ask();
    }
    if (event.case === "session") {
      const { change, reason, sessionReason } = event.value;
      line("info", sessionReason || "Maintenance", [sentence(OwnerSessionChange[change] ?? `Number ${change}`), reason].filter(Boolean).join(" – "));
      this.#again.ask();
    }
    this.#show.ask();
  }

  #flush(): void {
    this.lines = [...this.#pending.reverse(), ...this.lines].slice(0, LINES_KEPT);
    this.#pending = [];
    this.questions = [...this.#questions.values()];
    this.servers = [...this.#servers.values()];
  }
}

function changed({ change, action: what }: ServerEvent): string {
  const words = sentence(ServerChange[change] ?? `Number ${change}`);
  return what ? `${words} (${action(what).toLowerCase()})` : words;
}
