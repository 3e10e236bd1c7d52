/** A NotificationService in this process: tests send notifications and events, and see what comes back. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { createRouterTransport, type ServiceImpl } from "@connectrpc/connect";
import {
  Action,
  Connection,
  type Notification,
  NotificationKind,
  NotificationSchema,
  NotificationService,
  NotificationState,
  type OwnerEventSchema,
  type OwnerSessionChange,
  type ReplyRequest,
  ServerChange,
  type SubscribeRequest,
  type SubscribeResponse,
  SubscribeResponseSchema,
  timestamp,
} from "@fermata/client";
import { Later } from "../support.js";

/** A notification that asks about one server and has half a minute for the answer. */
export function asking(id: string, fields: MessageInitShape<typeof NotificationSchema> = {}): Notification {
  return create(NotificationSchema, {
    id,
    projectId: "core",
    sessionId: "session",
    kind: NotificationKind.PLANNED,
    state: NotificationState.PENDING,
    planRevision: 1n,
    replyDeadlineTime: timestamp(new Date(Date.now() + 30_000)),
    servers: [{ serverId: "amf", defaultAction: Action.MIGRATE, allowedActions: [Action.LIVE_MIGRATE, Action.MIGRATE] }],
    serverCount: 1,
    ...(fields as object),
  });
}

export class FakeNotifications {
  readonly connection: Connection;
  readonly puts: string[] = [];
  /** What may be wrong with the subscription. */
  readonly warnings = [{ field: "subscription.project_id", message: "nobody is there" }];
  readonly subscribed: SubscribeRequest[] = [];
  readonly replies: ReplyRequest[] = [];
  readonly acknowledged: bigint[] = [];
  /** What a reply does; unset: it is accepted. */
  onReply: (request: ReplyRequest) => void | Promise<void> = () => {};
  /** What GetNotification and ListNotificationServers read. */
  readonly stored = new Map<string, Notification>();
  #sequence = 0n;
  #sent: SubscribeResponse[] = [];
  #more = new Later();

  constructor() {
    const service: Partial<ServiceImpl<typeof NotificationService>> = {
      putSubscription: ({ subscription }) => {
        this.puts.push(subscription?.id ?? "");
        return { warnings: this.warnings };
      },
      subscribe: (request, { signal }) => {
        this.subscribed.push(request);
        return this.#stream(signal);
      },
      reply: async (request) => {
        this.replies.push(request);
        await this.onReply(request);
        return {};
      },
      acknowledgePosition: ({ sequence }) => {
        this.acknowledged.push(sequence);
        return {};
      },
      getNotification: ({ notificationId }) => ({ notification: this.stored.get(notificationId)! }),
      listNotificationServers: ({ notificationId, pageToken }) => {
        const servers = this.stored.get(notificationId)?.servers ?? [];
        // Pages of one server.
        const at = Number(pageToken || "0");
        return { servers: servers.slice(at, at + 1), nextPageToken: at + 1 < servers.length ? String(at + 1) : "" };
      },
    };
    this.connection = new Connection(createRouterTransport((router) => router.service(NotificationService, service)));
  }

  snapshot(...notifications: Notification[]): void {
    this.#send({ case: "snapshot", value: { part: 1, last: true, notifications } });
  }

  notification(value: Notification): void {
    this.#event({ case: "notification", value });
  }

  server(serverId: string, sessionId = "session"): void {
    this.#event({ case: "server", value: { serverId, sessionId, change: ServerChange.IS_BACK } });
  }

  session(change: OwnerSessionChange, sessionId = "session"): void {
    this.#event({ case: "session", value: { sessionId, change } });
  }

  #event(event: MessageInitShape<typeof OwnerEventSchema>["event"]): void {
    this.#sequence += 1n;
    this.#send({ case: "event", value: { ...(event && { event }) } });
  }

  #send(message: NonNullable<MessageInitShape<typeof SubscribeResponseSchema>["message"]>): void {
    const resumeToken = new TextEncoder().encode(`after ${this.#sequence}`);
    this.#sent.push(create(SubscribeResponseSchema, { sequence: this.#sequence, resumeToken, message }));
    const { happen } = this.#more;
    this.#more = new Later();
    happen();
  }

  async *#stream(signal: AbortSignal): AsyncGenerator<SubscribeResponse, void, undefined> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    while (!signal.aborted) {
      const next = this.#sent.shift();
      if (next) yield next;
      else await Promise.race([this.#more.promise, aborted]);
    }
  }
}
