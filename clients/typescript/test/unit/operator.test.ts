/** An operator that follows a session, by a server in this process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouterTransport } from "@connectrpc/connect";
import {
  Connection,
  create,
  Operator,
  type SessionEventSchema,
  SessionHostState,
  SessionService,
  SessionState,
  type WatchSessionResponse,
  WatchSessionResponseSchema,
  type MessageInitShape,
} from "@fermata/client";
import { Later } from "../support.js";

let sequence = 0n;

function event(body: NonNullable<MessageInitShape<typeof SessionEventSchema>["event"]>): WatchSessionResponse {
  sequence += 1n;
  return create(WatchSessionResponseSchema, { sequence, message: { case: "event", value: { event: body } } });
}

const host = (state: SessionHostState) => event({ case: "host", value: { host: "compute-1", state } });
const over = () => event({ case: "session", value: { state: SessionState.COMPLETED } });

test("the call that completes a host is not cancelled by what it leads to", async () => {
  const called = new Later();
  const ended = new Later();
  let cancelled: boolean | undefined;
  const transport = createRouterTransport(({ service }) => {
    service(SessionService, {
      async *watchSession() {
        yield host(SessionHostState.IN_MAINTENANCE);
        await called.promise;
        yield host(SessionHostState.RETURNING);
        yield host(SessionHostState.MAINTAINED);
        ended.happen();
        yield over();
      },
      completeHost: async (_, { signal }) => {
        called.happen();
        await ended.promise;
        // Whatever the end of the session makes the operator do, it has done.
        for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
        cancelled = signal.aborted;
        return {};
      },
      getSessionReport: () => ({ report: { session: { id: "s" } } }),
    });
  });
  const done: string[] = [];
  const report = await new Operator(new Connection(transport)).follow("s", { onHostReady: (name) => void done.push(name) });
  assert.equal(report.session?.id, "s");
  assert.deepEqual([done, cancelled], [["compute-1"], false]);
});

test("a host that leaves maintenance aborts the work on it, and is not completed", async () => {
  const began = new Later();
  const aborted = new Later();
  const completed: string[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(SessionService, {
      async *watchSession() {
        yield host(SessionHostState.IN_MAINTENANCE);
        await began.promise;
        yield host(SessionHostState.RETURNING);
        await aborted.promise;
        yield over();
      },
      completeHost: (request) => {
        completed.push(request.host);
        return {};
      },
      getSessionReport: ({ pageToken }) => {
        const server = (serverId: string) => ({ host: { host: "compute-1" }, servers: [{ serverId }] });
        const asked = (projectId: string) => ({ notifications: [{ projectId }] });
        return pageToken === ""
          ? { report: { hosts: [server("a")], ...asked("red") }, nextPageToken: "2" }
          : { report: { hosts: [server("b")], ...asked("blue") } };
      },
    });
  });
  const report = await new Operator(new Connection(transport)).follow("s", {
    onHostReady: (_, { signal }) => {
      began.happen();
      signal.addEventListener("abort", () => aborted.happen());
      return new Promise(() => {});
    },
  });
  assert.deepEqual(completed, []);
  // A host that is spread over two pages of the report is one.
  assert.deepEqual(report.hosts.map(({ servers }) => servers.map(({ serverId }) => serverId)), [["a", "b"]]);
  assert.deepEqual(report.notifications.map(({ projectId }) => projectId), ["red", "blue"]);
});
