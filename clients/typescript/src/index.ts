/**
 * Client of Fermata, for Node.js and browsers. `@fermata/client/node` and `@fermata/client/web` connect.
 *
 * | layer | what |
 * | --- | --- |
 * | stubs | {@link Connection}: every call of the contract, with typed errors |
 * | watch | {@link watch}: the contract's three streams, resumed after whatever cuts them |
 * | runtimes | {@link Owner} answers questions about servers; {@link Operator} opens sessions and follows them |
 *
 * @module index
 */
export { create, type MessageInitShape } from "@bufbuild/protobuf";
export { Code } from "@connectrpc/connect";
export { Connection, type ConnectionOptions } from "./connection.js";
export { anonymous, type Credentials, token } from "./credentials.js";
export {
  FermataError,
  type FermataErrorDetails,
  type FieldViolation,
  type PreconditionViolation,
} from "./error.js";
export * from "./etsi.js";
export * from "./gen/fermata/v1/audit_pb.js";
export * from "./gen/fermata/v1/audit_service_pb.js";
export * from "./gen/fermata/v1/errors_pb.js";
export * from "./gen/fermata/v1/event_pb.js";
export * from "./gen/fermata/v1/host_pb.js";
export * from "./gen/fermata/v1/host_service_pb.js";
export * from "./gen/fermata/v1/notification_pb.js";
export * from "./gen/fermata/v1/notification_service_pb.js";
export * from "./gen/fermata/v1/plan_pb.js";
export * from "./gen/fermata/v1/policy_pb.js";
export * from "./gen/fermata/v1/policy_service_pb.js";
export * from "./gen/fermata/v1/reason_pb.js";
export * from "./gen/fermata/v1/server_info_pb.js";
export * from "./gen/fermata/v1/server_service_pb.js";
export * from "./gen/fermata/v1/session_pb.js";
export * from "./gen/fermata/v1/session_service_pb.js";
export * from "./gen/fermata/v1/stream_pb.js";
export * from "./gen/fermata/v1/subscription_pb.js";
export * from "./gen/fermata/v1/types_pb.js";
export {
  type CreateOptions,
  type HostContext,
  Operator,
  type SessionHandlers,
} from "./operator/operator.js";
export type { Preview } from "./operator/preview.js";
export {
  accept,
  type Answer,
  type Comment,
  counterOffer,
  type Decisions,
  noAnswer,
  type Offer,
  ownActionDone,
  reject,
} from "./owner/answer.js";
export { Owner } from "./owner/owner.js";
export type {
  EventHandler,
  HandlerContext,
  HandlerName,
  OwnerActivity,
  OwnerHandlers,
  OwnerOptions,
  QuestionContext,
  QuestionHandler,
} from "./owner/types.js";
export { date, duration, milliseconds, timestamp } from "./time.js";
export { VERSION } from "./version.js";
export type { Position } from "./watch/cursor.js";
export type { EventOf, SnapshotOf, WatchRequest } from "./watch/streams.js";
export {
  type EventItem,
  type ConnectedItem,
  type InterruptedItem,
  type InterruptionCause,
  type SnapshotItem,
  watch,
  type WatchItem,
  type WatchOptions,
} from "./watch/watch.js";
