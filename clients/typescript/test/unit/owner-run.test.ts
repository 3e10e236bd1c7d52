/** The rules of the owner for events, positions and its end, by a server in this process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import {
  accept,
  type Answer,
  ErrorReason,
  FermataError,
  OwnerSessionChange,
} from "@fermata/client";
import { Later, RunningOwner, until } from "../support.js";
import { asking, FakeNotifications } from "./fake-notifications.js";
import { failure } from "./scripted.js";
import { started } from "./started.js";

test("events of a session are handled in order, those of different sessions beside each other", async (t) => {
  const log: string[] = [];
  const go = new Later();
  const { server } = started(t, {
    onServerEvent: async ({ serverId, sessionId }) => {
      if (serverId === "a") await go.promise;
      log.push(`${sessionId} ${serverId}`);
      if (sessionId === "two") go.happen();
    },
    onSessionEvent: ({ change }) => void log.push(OwnerSessionChange[change]),
    onComplete: ({ change }) => void log.push(OwnerSessionChange[change]),
  });
  server.server("a", "one");
  server.session(OwnerSessionChange.PAUSED, "one");
  server.session(OwnerSessionChange.COMPLETED, "one");
  server.server("b", "two");
  await until(() => log.length === 4, "all events");
  assert.deepEqual(log, ["two b", "one a", "PAUSED", "COMPLETED"]);
});

test("the position is that of the last event before which everything has been handled", async (t) => {
  const finish = new Later();
  const { server, owner } = started(t, {
    onServerEvent: async ({ serverId }) => {
      if (serverId === "slow") await finish.promise;
    },
  });
  server.server("quick", "one");
  server.server("slow", "two");
  server.server("quick", "three");
  await until(() => server.acknowledged.length > 0, "a position");
  assert.deepEqual(server.acknowledged, [1n]);
  finish.happen();
  await owner.stop();
  assert.equal(server.acknowledged.at(-1), 3n);
});

test("with too many events that are not handled reading pauses", async (t) => {
  const finish = new Later();
  const { server, activities, owner } = started(t, { onServerEvent: () => finish.promise });
  for (let i = 0; i < 1_500; i += 1) server.server(`s${i}`, `session ${i}`);
  const arrived = () => activities.filter((one) => one.kind === "item" && one.item.kind === "event").length;
  await until(() => arrived() >= 1_000, "a thousand events");
  // Turns of the event loop in which more would arrive.
  for (let i = 0; i < 100; i += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(arrived(), 1_000);
  finish.happen();
  await until(() => arrived() === 1_500, "the rest");
  await owner.stop();
  assert.equal(server.acknowledged.at(-1), 1_500n);
});

test("stopping: handlers that run may finish, no other one begins, and the position is acknowledged", async (t) => {
  const began = new Later();
  const finish = new Later();
  const { server, owner, handlers } = started(t, {
    maxConcurrentHandlers: 1,
    onPlanned: async () => {
      began.happen();
      await finish.promise;
      return accept();
    },
  });
  server.notification(asking("first"));
  server.notification(asking("second"));
  await began.promise;
  const stopped = owner.stop();
  finish.happen();
  await stopped;
  assert.deepEqual(handlers(), ["planned first 1 begin", "planned first 1 end"]);
  assert.deepEqual(server.replies.map(({ notificationId }) => notificationId), ["first"]);
  assert.equal(server.acknowledged.at(-1), 1n);
});

test("stopping: a handler that goes on is left, and its question stays open", async (t) => {
  const began = new Later();
  const { server, owner, handlers } = started(t, {
    stopTimeoutMs: 20,
    onPlanned: () => {
      began.happen();
      return new Promise<Answer>(() => {});
    },
  });
  server.notification(asking("n"));
  await began.promise;
  await owner.stop();
  assert.deepEqual(handlers(), ["planned n 1 begin", "planned n 1 cancelled"]);
  assert.deepEqual([server.replies.length, server.acknowledged.length], [0, 0]);
});

test("what may be wrong with the subscription is told", async (t) => {
  const told: string[] = [];
  started(t, { onWarning: ({ field, message }) => void told.push(`${field}: ${message}`) });
  await until(() => told.length > 0, "the warning");
  assert.deepEqual(told, ["subscription.project_id: nobody is there"]);
});

test("an error that trying again cannot mend ends the run", async (t) => {
  const server = new FakeNotifications();
  const original = server.connection.notifications.putSubscription;
  server.connection.notifications.putSubscription = () => Promise.reject(FermataError.from(failure(Code.PermissionDenied, ErrorReason.PROJECT_FOREIGN)));
  const owner = new RunningOwner(t, server.connection, {});
  await assert.rejects(owner.ended, (error: FermataError) => error.reason === ErrorReason.PROJECT_FOREIGN);
  server.connection.notifications.putSubscription = original;
});
