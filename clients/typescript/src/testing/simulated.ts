/** A real server on a simulated cloud, for tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Connection } from "../connection.js";
import type { SessionReport, SessionSpecSchema } from "../gen/fermata/v1/session_pb.js";
import { connect, type NodeConnectionOptions } from "../node/connect.js";
import { Operator, type SessionHandlers } from "../operator/operator.js";
import { duration, timestamp } from "../time.js";
import { Program } from "./program.js";

/** What is simulated, and how. */
export interface SimulatedOptions {
  /** The program. Unset: what `FERMATA_BIN` names, else `fermata` on the `PATH`. */
  readonly program?: string;
  /** Topology file of the simulated cloud. Unset: the small telco site that comes with Fermata. */
  readonly topology?: string;
  /** Further arguments of `fermata serve`. They replace those that this sets. */
  readonly args?: readonly string[];
}

/** How a maintenance goes. */
export interface MaintenanceOptions extends SessionHandlers {
  /** Why. Unset: `a test`. */
  readonly reason?: string;
  /** How long owners may answer each question, in milliseconds. Unset: 30,000. */
  readonly replyPeriodMs?: number;
  /** Further fields of the session. */
  readonly spec?: MessageInitShape<typeof SessionSpecSchema>;
  readonly signal?: AbortSignal;
}

/**
 * `fermata serve --cloud simulated` on a free port of this machine, with a database of its own.
 *
 * ```ts
 * await using fermata = await SimulatedFermata.start();
 * const owner = new Owner(fermata.connect(), { projectId, subscriptionId: "vnfm", onPlanned });
 * const stop = new AbortController();
 * const running = owner.run({ signal: stop.signal });
 * await fermata.maintain(["compute-a1"]);
 * ```
 */
export class SimulatedFermata {
  /** Lines of the server's log, as JSON, the last thousand of them. */
  readonly log: string[] = [];
  readonly #connections = new Set<Connection>();
  #program: Program | undefined;
  #address: string;

  private constructor(
    private readonly folder: string,
    private readonly options: SimulatedOptions,
  ) {
    this.#address = "127.0.0.1:0";
  }

  /**
   * Starts a server and waits until it is ready.
   *
   * @throws Error if the program cannot be run, or does not get ready
   */
  static async start(options: SimulatedOptions = {}): Promise<SimulatedFermata> {
    const folder = await mkdtemp(join(tmpdir(), "fermata-"));
    const fermata = new SimulatedFermata(folder, options);
    try {
      await fermata.restart();
    } catch (error) {
      await fermata.close();
      throw error;
    }
    return fermata;
  }

  /** The address of the server, for example `http://127.0.0.1:43210`. It stays the same over restarts. */
  get url(): string {
    return `http://${this.#address}`;
  }

  /** The process id of the server. `undefined`: it does not run. */
  get pid(): number | undefined {
    return this.#program?.runs ? this.#program.pid : undefined;
  }

  /** A connection to the server, which is closed with it. */
  connect(options: NodeConnectionOptions = {}): Connection {
    const connection = connect(this.url, options);
    this.#connections.add(connection);
    return connection;
  }

  /** Starts the server again with the same database, cloud and port; stops it first if it runs. */
  async restart(): Promise<void> {
    await this.stop();
    const program = this.options.program ?? process.env["FERMATA_BIN"] ?? "fermata";
    const { program: started, address } = await Program.start(program, this.#arguments(), this.log);
    this.#program = started;
    this.#address = address;
  }

  /** Stops the server in good order. Its database stays. */
  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  /** Kills the server, as `kill -9` does. Its database stays. */
  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  /**
   * Maintains hosts from beginning to end: creates a session, completes each host when it is empty (after `onHostReady`),
   * and waits for the end.
   *
   * @param hosts - names of compute hosts
   * @param options - how it goes
   * @returns the report
   */
  async maintain(hosts: readonly string[], options: MaintenanceOptions = {}): Promise<SessionReport> {
    const { reason = "a test", replyPeriodMs = 30_000, spec, signal, ...handlers } = options;
    const operator = new Operator(this.connect());
    const session = await operator.create({
      hosts: { names: [...hosts] },
      window: { endTime: timestamp(new Date(Date.now() + 3_600_000)) },
      reason,
      announceReplyPeriod: duration(replyPeriodMs),
      drainReplyPeriod: duration(replyPeriodMs),
      ...(spec as object),
    });
    return operator.follow(session.id, { onHostReady: () => {}, ...handlers }, signal ? { signal } : {});
  }

  /** Stops the server, closes all connections to it, and deletes its database. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await this.#program?.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The same as {@link SimulatedFermata.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #arguments(): string[] {
    const { topology, args = [] } = this.options;
    const defaults: [string, string][] = [
      ["--cloud", "simulated"],
      ["--listen", this.#address],
      ["--http-listen", "off"],
      ["--log-format", "json"],
      ["--database-url", `sqlite://${join(this.folder, "fermata.db")}?mode=rwc`],
      ["--simulated-state", join(this.folder, "cloud.json")],
      // Tests do not wait for what is meant for sites with thousands of owners.
      ["--poll-interval", "100ms"],
      ["--heartbeat-interval", "1s"],
      ["--reconnect-spread", "100ms"],
      ["--shutdown-grace", "5s"],
    ];
    if (topology !== undefined) defaults.push(["--topology", topology]);
    return ["serve", ...defaults.filter(([name]) => !args.includes(name)).flat(), ...args];
  }
}
