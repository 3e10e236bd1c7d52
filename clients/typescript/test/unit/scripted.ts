/** A server in this process that follows a script. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport, type ServiceImpl } from "@connectrpc/connect";
import {
  Connection,
  type ConnectionOptions,
  duration,
  ErrorReason,
  HostService,
  HostsSnapshotSchema,
  type StreamStart,
  type WatchHostsResponse,
  WatchHostsResponseSchema,
} from "@fermata/client";
import { ErrorInfoSchema, RetryInfoSchema } from "#src/gen/google/rpc/error_details_pb.js";

/** An error as the server sends it. */
export function failure(code: Code, reason?: ErrorReason, retryAfterMs?: number): ConnectError {
  const info = reason !== undefined && { desc: ErrorInfoSchema, value: { reason: ErrorReason[reason], domain: "fermata.dev" } };
  const retry = retryAfterMs !== undefined && { desc: RetryInfoSchema, value: { retryDelay: duration(retryAfterMs) } };
  return new ConnectError("scripted", code, undefined, [info, retry].filter((detail) => detail !== false));
}

/** What a stream does: sends messages, then ends, fails, or falls silent. */
export interface Part {
  readonly messages: readonly WatchHostsResponse[];
  readonly then: "close" | "silence" | ConnectError;
}

/** A HostService whose watch follows a script: one part for each time that it is opened. */
export class ScriptedHosts {
  /** Where each stream was asked to begin. */
  readonly starts: (StreamStart | undefined)[] = [];
  readonly connection: Connection;

  constructor(script: readonly (Part | ConnectError | "silence")[], options: ConnectionOptions = {}) {
    const parts = [...script];
    const { starts } = this;
    const service: Partial<ServiceImpl<typeof HostService>> = {
      async *watchHosts({ start }, { signal }) {
        starts.push(start);
        const part = parts.shift() ?? failure(Code.NotFound, ErrorReason.HOST_NOT_FOUND);
        if (part === "silence") {
          await aborted(signal);
          return;
        }
        if (part instanceof ConnectError) throw part;
        yield* part.messages;
        if (part.then === "silence") await aborted(signal);
        else if (part.then !== "close") throw part.then;
      },
    };
    this.connection = new Connection(createRouterTransport(({ service: add }) => add(HostService, service)), options);
  }
}

/** The resume token of the message with this number. */
export function tokenOf(sequence: number): Uint8Array {
  return new TextEncoder().encode(`after ${sequence}`);
}

/** A message of a stream; its token is that of its number. */
export function message(sequence: number, body: MessageInitShape<typeof WatchHostsResponseSchema>["message"]): WatchHostsResponse {
  return create(WatchHostsResponseSchema, {
    sequence: BigInt(sequence),
    resumeToken: tokenOf(sequence),
    ...(body && { message: body }),
  });
}

export function snapshot(sequence: number, ...hosts: string[]): WatchHostsResponse {
  return part(sequence, 1, true, ...hosts);
}

/** A part of a snapshot. */
export function part(sequence: number, number: number, last: boolean, ...hosts: string[]): WatchHostsResponse {
  const value = { part: number, last, hosts: hosts.map((name) => ({ name })) };
  const response = message(sequence, { case: "snapshot", value: create(HostsSnapshotSchema, value) });
  if (!last) response.resumeToken = new Uint8Array();
  return response;
}

export function event(sequence: number): WatchHostsResponse {
  return message(sequence, { case: "event", value: { host: `host-${sequence}` } });
}

export function heartbeat(sequence: number, intervalMs: number): WatchHostsResponse {
  return message(sequence, { case: "heartbeat", value: { interval: duration(intervalMs) } });
}

export function goingAway(sequence: number, afterMs: number): WatchHostsResponse {
  return message(sequence, { case: "goingAway", value: { reconnectAfter: duration(afterMs) } });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
