/** The hosts of the site as they stand. */
import { type Connection, create, duration, type Host, type HostEvent, HostState, WatchHostsRequestSchema } from "@fermata/client";
import { explain } from "./access.svelte.ts";
import { pages } from "./lists.ts";
import { follow, type Live } from "./live.svelte.ts";
import { throttled } from "./throttled.ts";

export class HostsLive {
  hosts = $state.raw<readonly Host[]>([]);
  error = $state("");
  readonly live: Live;

  readonly #stop = new AbortController();
  readonly #byName = new Map<string, Host>();
  readonly #show = throttled(100, () => (this.hosts = [...this.#byName.values()]));
  // Events say neither how many servers there are, nor anything of a host that is new.
  readonly #read = throttled(5000, () => void this.#load());

  constructor(private readonly connection: Connection) {
    const handlers = {
      snapshot: ({ hosts }: { hosts: readonly Host[] }) => this.#set(hosts),
      event: (event: HostEvent) => this.#event(event),
    };
    this.live = follow(connection, create(WatchHostsRequestSchema, { heartbeatInterval: duration(5000) }), handlers, this.#stop.signal);
  }

  close(): void {
    this.#stop.abort();
    this.#show.stop();
    this.#read.stop();
  }

  #set(hosts: readonly Host[]): void {
    this.#byName.clear();
    for (const host of hosts) this.#byName.set(host.name, host);
    this.hosts = hosts;
  }

  #event({ host, state, sessionId, reason }: HostEvent): void {
    const known = this.#byName.get(host);
    if (state === HostState.REMOVED) this.#byName.delete(host);
    else if (known) this.#byName.set(host, { ...known, state, sessionId, sessionStateReason: reason });
    this.#show.ask();
    this.#read.ask();
  }

  async #load(): Promise<void> {
    try {
      const all: Host[] = [];
      for await (const page of pages((pageToken) => this.connection.hosts.listHosts({ pageSize: 1000, pageToken }, { signal: this.#stop.signal }))) all.push(...page.hosts);
      this.#set(all);
      this.error = "";
    } catch (error) {
      if (!this.#stop.signal.aborted) this.error = explain(error);
    }
  }
}
