/** What operators and NFVOs use: open a session, and follow it to its end. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { randomId } from "../calls/manners.js";
import type { Connection } from "../connection.js";
import type { SessionEvent } from "../gen/fermata/v1/event_pb.js";
import { PlanOptionsSchema } from "../gen/fermata/v1/plan_pb.js";
import { type Session, type SessionReport, SessionSpecSchema } from "../gen/fermata/v1/session_pb.js";
import { Follower } from "./follower.js";
import { type Preview, preview } from "./preview.js";
import { wholeReport } from "./report.js";

/** What the handler of a host gets beside its name. */
export interface HostContext {
  readonly sessionId: string;
  /** Aborted when the host is not in maintenance any more, the session has ended, or {@link Operator.follow} is stopped. */
  readonly signal: AbortSignal;
}

/** What an operator does while a session runs. */
export interface SessionHandlers {
  /**
   * The host is in maintenance: verified empty and held. When this returns, the host is completed. When it throws, the host
   * has failed, with the error's message as the reason.
   *
   * After a restart of this program it is called again for a host that is still in maintenance.
   */
  readonly onHostReady?: (host: string, context: HostContext) => void | Promise<void>;
  /** Something happened. */
  readonly onEvent?: (event: SessionEvent) => void;
  /** A host could not be completed or failed, or a handler of events failed. Unset: `console.error`. */
  readonly onError?: (error: unknown, what: string) => void;
}

/** The end of a wait, and the id of a request. */
export interface CreateOptions {
  /** The same id with the same spec gives the same session. Unset: a random one. */
  readonly requestId?: string;
  readonly signal?: AbortSignal;
}

/**
 * An operator of hosts.
 *
 * ```ts
 * const operator = new Operator(connect("http://127.0.0.1:7400"));
 * const session = await operator.create({ hosts: { names: ["compute-1"] }, window: { endTime }, reason: "new firmware" });
 * const report = await operator.follow(session.id, { onHostReady: (host) => flash(host) });
 * ```
 */
export class Operator {
  /** @param connection - where the sessions are */
  constructor(private readonly connection: Connection) {}

  /** Creates a session and announces it to every affected owner. It is repeated while the server is not available. */
  async create(spec: MessageInitShape<typeof SessionSpecSchema>, options: CreateOptions = {}): Promise<Session> {
    const request = { spec: create(SessionSpecSchema, spec), requestId: options.requestId ?? randomId() };
    const { session } = await this.connection.sessions.createSession(request, signalOf(options));
    if (!session) throw new Error("the server sent no session");
    return session;
  }

  /** The plan of a session that is not created, or what stands in its way. */
  async preview(
    spec: MessageInitShape<typeof SessionSpecSchema>,
    options?: MessageInitShape<typeof PlanOptionsSchema>,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Preview> {
    return preview(this.connection, create(SessionSpecSchema, spec), options && create(PlanOptionsSchema, options), signal);
  }

  /**
   * Follows a session until it is COMPLETED or CANCELLED. A session that is FAILED or PAUSED waits for a decision, and so
   * does this.
   *
   * @returns the report, whole
   * @throws FermataError what trying again cannot mend, for example that there is no such session
   * @throws DOMException `AbortError` if `signal` is aborted first
   */
  async follow(
    sessionId: string,
    handlers: SessionHandlers = {},
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<SessionReport> {
    await new Follower(this.connection, sessionId, handlers, signal).ended();
    return this.report(sessionId, signal ? { signal } : {});
  }

  /** The report of a session with all its hosts and servers, as it stands. */
  async report(sessionId: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<SessionReport> {
    return wholeReport(this.connection, sessionId, signal);
  }
}

function signalOf({ signal }: { readonly signal?: AbortSignal }): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
