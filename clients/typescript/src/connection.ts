/** A connection: the services of the contract, with credentials and manners. */
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { MannersTransport } from "./calls/transport.js";
import { anonymous, type Credentials } from "./credentials.js";
import { AuditService } from "./gen/fermata/v1/audit_service_pb.js";
import { HostService } from "./gen/fermata/v1/host_service_pb.js";
import { NotificationService } from "./gen/fermata/v1/notification_service_pb.js";
import { PolicyService } from "./gen/fermata/v1/policy_service_pb.js";
import { ServerService } from "./gen/fermata/v1/server_service_pb.js";
import { SessionService } from "./gen/fermata/v1/session_service_pb.js";

/** What every kind of connection takes. */
export interface ConnectionOptions {
  /** Who calls. Unset: nobody in particular. */
  readonly credentials?: Credentials;
  /** How long a call may take with all its repeats, in milliseconds; streams have no limit. Unset: 60,000. */
  readonly timeoutMs?: number;
}

/** The longest message that is received, in bytes. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const TIMEOUT_MS = 60_000;

/**
 * A connection to Fermata. `connect` of `@fermata/client/node` and `@fermata/client/web` makes one; it connects when it is
 * first used, and again after a failure.
 *
 * Calls throw {@link FermataError}. A call that reads, or that carries a `request_id`, is repeated while the answer is
 * UNAVAILABLE: at most five times, and within its time limit. A write without a `request_id` gets one.
 */
export class Connection {
  /** Notifications, replies and subscriptions, for owners of servers. */
  readonly notifications: Client<typeof NotificationService>;
  /** Maintenance sessions, for operators. */
  readonly sessions: Client<typeof SessionService>;
  /** Compute hosts, for operators and infrastructure components. */
  readonly hosts: Client<typeof HostService>;
  /** Policies of servers and groups, for owners. */
  readonly policies: Client<typeof PolicyService>;
  /** Who changed what, for operators, auditors and administrators. */
  readonly audit: Client<typeof AuditService>;
  /** What the server is and works on, and as whom it knows the caller, for everybody. */
  readonly server: Client<typeof ServerService>;
  /** For clients of other services of the same server, for example `grpc.health.v1`. */
  readonly transport: Transport;
  /** Whether the credentials can be renewed, so that an expired one is no reason to give up. */
  readonly renewsCredentials: boolean;
  readonly #close: () => void;

  /**
   * @param transport - carries the calls; it is used as it stands
   * @param options - who calls, and how long a call may take
   * @param headers - headers of every call, for example the user agent
   * @param close - ends the transport's connection
   */
  constructor(
    transport: Transport,
    options: ConnectionOptions = {},
    headers: Readonly<Record<string, string>> = {},
    close: () => void = () => {},
  ) {
    const { credentials = anonymous, timeoutMs = TIMEOUT_MS } = options;
    const manners = new MannersTransport(transport, { credentials, timeoutMs, headers });
    this.transport = manners;
    this.renewsCredentials = credentials.renewable;
    this.notifications = createClient(NotificationService, this.transport);
    this.sessions = createClient(SessionService, this.transport);
    this.hosts = createClient(HostService, this.transport);
    this.policies = createClient(PolicyService, this.transport);
    this.audit = createClient(AuditService, this.transport);
    this.server = createClient(ServerService, this.transport);
    this.#close = () => {
      manners.close();
      close();
    };
  }

  /** Ends the connection with all its calls and streams. Later calls fail with FAILED_PRECONDITION. */
  close(): void {
    this.#close();
  }

  /** The same as {@link Connection.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
