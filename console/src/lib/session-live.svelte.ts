/** A session as it happens: itself, its hosts, and what was told since the page was opened. */
import { type Connection, create, duration, type Session, type SessionEvent, type SessionHost, SessionView, WatchSessionRequestSchema } from "@fermata/client";
import { explain } from "./access.svelte.ts";
import { pages } from "./lists.ts";
import { follow, type Live } from "./live.svelte.ts";
import { throttled } from "./throttled.ts";
import { keep, recall } from "./plan-memory.ts";
import { eventLine, type EventLine } from "./session-events.ts";

import { ms } from "./time.ts";
import { plannedSpans, type Scale } from "./timeline.ts";

/** So many events are kept. */
const EVENTS_KEPT = 1000;

export class SessionLive {
  session = $state.raw<Session | undefined>();
  hosts = $state.raw<readonly SessionHost[]>([]);
  /** The newest first. */
  events = $state.raw<readonly EventLine[]>([]);
  /** What was planned for each host before its turn came. */
  plan = $state.raw<ReadonlyMap<string, Scale>>(new Map());
  error = $state("");
  /** Rises when servers, or owners' answers, may have changed. */
  serversChanged = $state(0);
  ownersChanged = $state(0);
  readonly live: Live;

  readonly #stop = new AbortController();
  readonly #readSession = throttled(300, () => void this.#read(() => this.#loadSession()));
  readonly #readHosts = throttled(1000, () => void this.#read(() => this.#loadHosts()));
  readonly #show = throttled(50, () => this.#flush());
  #pending: EventLine[] = [];
  #changed = new Map<string, Partial<SessionHost>>();
  #count = 0;

  constructor(private readonly connection: Connection, private readonly sessionId: string) {
    this.plan = recall(sessionId);
    const request = create(WatchSessionRequestSchema, { sessionId, heartbeatInterval: duration(5000) });
    const handlers = {
      snapshot: ({ session, hosts }: { session?: Session | undefined; hosts: readonly SessionHost[] }) => {
        this.session = session ?? this.session;
        this.#setHosts(hosts);
        this.serversChanged += 1;
        this.ownersChanged += 1;
      },
      event: (event: SessionEvent, time: number) => this.#event(event, time),
    };
    this.live = follow(connection, request, handlers, this.#stop.signal);
  }

  close(): void {
    this.#stop.abort();
    for (const work of [this.#readSession, this.#readHosts, this.#show]) work.stop();
  }

  #event(event: SessionEvent, time: number): void {
    const line = eventLine(event, time, (this.#count += 1));
    if (line) this.#pending.push(line);
    const what = event.event;
    if (what.case === "host") {
      const { host, state, reason, serversTotal, serversDone } = what.value;
      this.#changed.set(host, { state, stateReason: reason, serversTotal, serversDone });
      this.#readHosts.ask();
    }
    if (what.case === "session") this.#readHosts.ask();
    if (what.case === "server") this.serversChanged += 1;
    if (what.case === "ownerAsked" || what.case === "ownerReplied" || what.case === "counterOfferJudged") this.ownersChanged += 1;
    this.#show.ask();
    // Events do not carry what is waited for.
    this.#readSession.ask();
  }

  #flush(): void {
    this.events = [...this.#pending.reverse(), ...this.events].slice(0, EVENTS_KEPT);
    this.#pending = [];
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Map();
    this.hosts = this.hosts.map((host) => {
      const change = changed.get(host.host);
      return change ? { ...host, ...change } : host;
    });
  }

  async #read(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!this.#stop.signal.aborted) this.error = explain(error);
    }
  }

  async #loadSession(): Promise<void> {
    const { session } = await this.connection.sessions.getSession({ sessionId: this.sessionId, view: SessionView.FULL }, { signal: this.#stop.signal });
    this.session = session;
    this.error = "";
  }

  async #loadHosts(): Promise<void> {
    const list = (pageToken: string) =>
      this.connection.sessions.listSessionHosts({ sessionId: this.sessionId, pageSize: 1000, pageToken }, { signal: this.#stop.signal });
    const hosts: SessionHost[] = [];
    for await (const page of pages(list)) hosts.push(...page.hosts);
    this.#setHosts(hosts);
  }

  #setHosts(hosts: readonly SessionHost[]): void {
    this.hosts = hosts;
    this.plan = new Map([...this.plan, ...plannedSpans(hosts, ms(this.session?.status?.expectedEndTime))]);
    keep(this.sessionId, this.plan);
  }
}
