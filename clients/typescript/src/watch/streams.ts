/** What the contract's three streams have in common: a start, and messages of the same four kinds. */
import type { DescMessage, DescMethodServerStreaming, Message } from "@bufbuild/protobuf";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type { HostEvent, SessionEvent } from "../gen/fermata/v1/event_pb.js";
import {
  HostService,
  type HostsSnapshot,
  HostsSnapshotSchema,
  type WatchHostsRequest,
} from "../gen/fermata/v1/host_service_pb.js";
import type { OwnerEvent } from "../gen/fermata/v1/notification_pb.js";
import {
  NotificationService,
  type OwnerSnapshot,
  OwnerSnapshotSchema,
  type SubscribeRequest,
} from "../gen/fermata/v1/notification_service_pb.js";
import {
  type SessionSnapshot,
  SessionSnapshotSchema,
  SessionService,
  type WatchSessionRequest,
} from "../gen/fermata/v1/session_service_pb.js";
import type { GoingAway, Heartbeat, StreamStart } from "../gen/fermata/v1/stream_pb.js";

/** A request whose answer can be watched. */
export type WatchRequest = SubscribeRequest | WatchSessionRequest | WatchHostsRequest;

/** The snapshot that answers a request. */
export type SnapshotOf<R extends WatchRequest> = R extends SubscribeRequest
  ? OwnerSnapshot
  : R extends WatchSessionRequest
    ? SessionSnapshot
    : HostsSnapshot;

/** The events that answer a request. */
export type EventOf<R extends WatchRequest> = R extends SubscribeRequest
  ? OwnerEvent
  : R extends WatchSessionRequest
    ? SessionEvent
    : HostEvent;

/** A part of a snapshot, whichever. */
export type SnapshotPart = Message & { part: number; last: boolean };

/** A request, whichever: what a watch needs to know of it. */
export type StreamRequest = Message & { start?: StreamStart; heartbeatInterval?: Duration };

/** A message of a stream, whichever. */
export interface StreamMessage {
  readonly resumeToken: Uint8Array;
  readonly sequence: bigint;
  readonly time?: Timestamp;
  readonly storeId: string;
  readonly message:
    | { case: "snapshot"; value: SnapshotPart }
    | { case: "event"; value: Message }
    | { case: "heartbeat"; value: Heartbeat }
    | { case: "goingAway"; value: GoingAway }
    | { case: undefined; value?: undefined };
}

/** How a request is called, and what its snapshots are made of. */
export interface StreamKind {
  readonly method: DescMethodServerStreaming;
  readonly snapshot: DescMessage;
  /** The lists that come in parts. */
  readonly lists: readonly string[];
}

const KINDS: Readonly<Record<WatchRequest["$typeName"], StreamKind>> = {
  "fermata.v1.SubscribeRequest": {
    method: NotificationService.method.subscribe,
    snapshot: OwnerSnapshotSchema,
    lists: ["servers", "notifications"],
  },
  "fermata.v1.WatchSessionRequest": {
    method: SessionService.method.watchSession,
    snapshot: SessionSnapshotSchema,
    lists: ["hosts"],
  },
  "fermata.v1.WatchHostsRequest": {
    method: HostService.method.watchHosts,
    snapshot: HostsSnapshotSchema,
    lists: ["hosts"],
  },
};

/** The stream that a request opens. */
export function kindOf(request: WatchRequest): StreamKind {
  return KINDS[request.$typeName];
}
