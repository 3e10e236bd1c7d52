/** Calls: what is repeated, what they carry, how they fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, createRouterTransport, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import {
  anonymous,
  Connection,
  type ConnectionOptions,
  type Credentials,
  ErrorReason,
  FermataError,
  HostService,
  NotificationService,
  SessionService,
  token,
} from "@fermata/client";
import { failure } from "./scripted.js";

/** A connection to a server that fails so often before it answers, and the calls that it saw. */
function connected(failures: ReturnType<typeof failure>[], options: ConnectionOptions = {}) {
  const seen: { requestId: string; headers: Headers }[] = [];
  const answer = (request: object, { requestHeader }: HandlerContext) => {
    seen.push({ requestId: "requestId" in request ? String(request.requestId) : "", headers: requestHeader });
    const next = failures.shift();
    if (next) throw next;
    return {};
  };
  const sessions: Partial<ServiceImpl<typeof SessionService>> = { createSession: answer, getSession: answer, deleteSession: answer };
  const hosts: Partial<ServiceImpl<typeof HostService>> = { listHosts: answer };
  const notifications: Partial<ServiceImpl<typeof NotificationService>> = { reply: answer };
  const transport = createRouterTransport((router) => {
    router.service(SessionService, sessions);
    router.service(HostService, hosts);
    router.service(NotificationService, notifications);
  });
  return { seen, connection: new Connection(transport, options, { "user-agent": "a test" }) };
}

const unavailable = (after?: number) => failure(Code.Unavailable, ErrorReason.STORE_UNAVAILABLE, after);

test("calls that read are repeated while the server is not available", async () => {
  const { seen, connection } = connected([unavailable(), unavailable(1)]);
  await connection.hosts.listHosts({});
  assert.equal(seen.length, 3);
});

test("writes get a request id of their own, and are repeated with it", async () => {
  const { seen, connection } = connected([unavailable()]);
  await connection.sessions.createSession({});
  await connection.sessions.createSession({});
  assert.equal(seen.length, 3);
  assert.match(seen[0]!.requestId, /^[0-9a-f]{32}$/);
  assert.equal(seen[1]!.requestId, seen[0]!.requestId);
  assert.notEqual(seen[2]!.requestId, seen[0]!.requestId);
});

test("a request id of the caller is kept, and the caller's message stays as it is", async () => {
  const { seen, connection } = connected([]);
  await connection.notifications.reply({ requestId: "mine" });
  const request = { sessionId: "s", requestId: "" };
  await connection.sessions.deleteSession(request);
  assert.equal(seen[0]!.requestId, "mine");
  assert.equal(request.requestId, "");
  assert.notEqual(seen[1]!.requestId, "");
});

test("other errors are not repeated, and the server's wait is heeded", async () => {
  const refused = connected([failure(Code.FailedPrecondition, ErrorReason.WRONG_STATE)]);
  await assert.rejects(refused.connection.sessions.getSession({}), { reason: ErrorReason.WRONG_STATE });
  assert.equal(refused.seen.length, 1);
  // It would be longer than the call may take.
  const late = connected([unavailable(60_000)], { timeoutMs: 30_000 });
  await assert.rejects(late.connection.sessions.getSession({}), { reason: ErrorReason.STORE_UNAVAILABLE, retryAfterMs: 60_000 });
  assert.equal(late.seen.length, 1);
});

test("after five attempts the error is the caller's", async () => {
  const { seen, connection } = connected(Array.from({ length: 9 }, () => unavailable(1)));
  await assert.rejects(connection.sessions.getSession({}), { code: Code.Unavailable });
  assert.equal(seen.length, 5);
});

test("an aborted signal ends the repeats", async () => {
  const stop = new AbortController();
  const { seen, connection } = connected(Array.from({ length: 9 }, () => unavailable(20_000)));
  const call = connection.sessions.getSession({}, { signal: stop.signal });
  setImmediate(() => stop.abort());
  await assert.rejects(call);
  assert.ok(seen.length <= 1);
});

test("every call carries the credentials and the user agent", async () => {
  const { seen, connection } = connected([], { credentials: token("s3cret\n") });
  await connection.hosts.listHosts({}, { headers: { "x-mine": "too" } });
  const { headers } = seen[0]!;
  assert.deepEqual([headers.get("authorization"), headers.get("user-agent"), headers.get("x-mine")], ["Bearer s3cret", "a test", "too"]);
});

test("credentials that can be renewed are, once per call", async () => {
  const expired = () => failure(Code.Unauthenticated, ErrorReason.CREDENTIALS_EXPIRED);
  let number = 0;
  const renewable: Credentials = {
    renewable: true,
    headers: () => ({ authorization: `Bearer ${number}` }),
    expired: () => {
      number += 1;
    },
  };
  const renewed = connected([expired()], { credentials: renewable });
  await renewed.connection.sessions.createSession({});
  assert.deepEqual(renewed.seen.map(({ headers }) => headers.get("authorization")), ["Bearer 0", "Bearer 1"]);
  const again = connected([expired(), expired(), expired()], { credentials: renewable });
  await assert.rejects(again.connection.sessions.getSession({}), { reason: ErrorReason.CREDENTIALS_EXPIRED });
  assert.equal(again.seen.length, 2);
  const fixed = connected([expired()], { credentials: anonymous });
  await assert.rejects(fixed.connection.sessions.getSession({}));
  assert.equal(fixed.seen.length, 1);
});

test("a closed connection fails at once, for good", async () => {
  const { seen, connection } = connected([]);
  connection.close();
  await assert.rejects(connection.hosts.listHosts({}), { code: Code.FailedPrecondition, message: "the connection is closed" });
  assert.equal(seen.length, 0);
});

test("a connection that broke is UNAVAILABLE, a call that the caller cancelled is CANCELLED", () => {
  const cancelled = failure(Code.Canceled);
  assert.equal(FermataError.from(cancelled).codeName, "UNAVAILABLE");
  assert.equal(FermataError.from(failure(Code.Aborted)).codeName, "UNAVAILABLE");
  assert.equal(FermataError.from(failure(Code.Aborted, ErrorReason.ETAG_MISMATCH)).codeName, "ABORTED");
  assert.equal(FermataError.from(cancelled, AbortSignal.abort()).codeName, "CANCELLED");
});
