/** The rules of the owner, by a server in this process. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Code } from "@connectrpc/connect";
import {
  accept,
  Action,
  type Answer,
  counterOffer,
  CounterOfferState,
  DecisionSource,
  ErrorReason,
  FermataError,
  type HandlerContext,
  noAnswer,
  NotificationKind,
  NotificationState,
  ownActionDone,
  type OwnerActivity,
  type OwnerOptions,
  OwnerSessionChange,
  reject,
  StreamPoint,
  timestamp,
} from "@fermata/client";
import { Later, RunningOwner, until } from "../support.js";
import { asking, FakeNotifications } from "./fake-notifications.js";
import { failure } from "./scripted.js";

/** A server, an owner at it, and what the owner did. */
function started(t: TestContext, options: Partial<OwnerOptions> = {}) {
  const server = new FakeNotifications();
  const activities: OwnerActivity[] = [];
  const errors: unknown[] = [];
  const owner = new RunningOwner(t, server.connection, {
    onActivity: (activity) => activities.push(activity),
    onError: (error) => errors.push(error),
    ...options,
  });
  const replied = (count: number) => until(() => server.replies.length >= count, `${count} replies`);
  const handlers = () =>
    activities.flatMap((one) => (one.kind === "handler" ? [`${one.handler} ${one.id} ${one.attempt} ${one.phase}`] : []));
  const outcomes = () =>
    activities.flatMap((one) => (one.kind === "reply" ? [`${one.answer}${one.fallback ? " by fallback" : ""}: ${one.outcome}`] : []));
  return { server, owner, activities, errors, replied, handlers, outcomes };
}

const answers = (server: FakeNotifications) => server.replies.map(({ answer }) => answer.case);
const soon = (milliseconds: number) => timestamp(new Date(Date.now() + milliseconds));

test("puts its subscription, and subscribes from the acknowledged position", async (t) => {
  const { server } = started(t, { subscriptionId: "vnfm", heartbeatIntervalMs: 2_000 });
  const request = await until(() => server.subscribed[0], "a stream");
  assert.deepEqual(server.puts, ["vnfm"]);
  assert.deepEqual([request.projectId, request.subscriptionId], ["core", "vnfm"]);
  assert.deepEqual(request.start?.start, { case: "point", value: StreamPoint.ACKNOWLEDGED });
  assert.equal(request.heartbeatInterval?.seconds, 2n);
});

test("without handlers questions are accepted, and SCALE_IN is rejected", async (t) => {
  const { server, replied } = started(t);
  const servers = [
    { serverId: "default", defaultAction: Action.KEEP, allowedActions: [Action.MIGRATE, Action.KEEP] },
    { serverId: "first", allowedActions: [Action.LIVE_MIGRATE, Action.MIGRATE] },
    { serverId: "decided", defaultAction: Action.MIGRATE, decision: Action.KEEP, decisionSource: DecisionSource.OWNER },
  ];
  server.snapshot(asking("planned", { servers }));
  server.notification(asking("scale-in", { kind: NotificationKind.SCALE_IN }));
  await replied(2);
  const accepted = server.replies.find(({ notificationId }) => notificationId === "planned");
  assert.ok(accepted?.answer.case === "accept");
  const decisions = accepted.answer.value.decisions.map(({ serverId, action }) => [serverId, action]);
  assert.deepEqual(decisions, [["default", Action.KEEP], ["first", Action.LIVE_MIGRATE]]);
  assert.equal(accepted.answer.value.action, Action.UNSPECIFIED);
  assert.ok(answers(server).includes("reject"));
});

test("each answer becomes the reply that it stands for", async (t) => {
  const notBefore = new Date(Date.now() + 60_000);
  const given: Record<string, Answer> = {
    one: accept(Action.MIGRATE, { comment: "fine" }),
    some: accept({ amf: Action.KEEP }, { others: Action.MIGRATE }),
    map: accept(new Map([["amf", Action.KEEP]])),
    no: reject("busy"),
    later: counterOffer({ notBefore, servers: ["amf"], after: ["smf"] }),
    done: ownActionDone(["amf"]),
  };
  const { server, replied } = started(t, { onPlanned: ({ id }) => given[id]! });
  server.snapshot(...Object.keys(given).map((id) => asking(id)));
  await replied(6);
  const reply = (id: string) => server.replies.find(({ notificationId }) => notificationId === id)!;
  const { one, some, map, no, later, done } = Object.fromEntries(Object.keys(given).map((id) => [id, reply(id)]));
  assert.ok(one?.answer.case === "accept" && some?.answer.case === "accept" && map?.answer.case === "accept");
  assert.deepEqual([one.answer.value.action, one.comment, one.planRevision], [Action.MIGRATE, "fine", 1n]);
  assert.deepEqual([some.answer.value.action, some.answer.value.decisions[0]?.action], [Action.MIGRATE, Action.KEEP]);
  assert.deepEqual([map.answer.value.action, map.answer.value.decisions[0]?.serverId], [Action.UNSPECIFIED, "amf"]);
  assert.ok(no?.answer.case === "reject" && later?.answer.case === "counterOffer" && done?.answer.case === "ownActionDone");
  assert.equal(no.answer.value.reason, "busy");
  assert.deepEqual(later.answer.value.serverIds, ["amf"]);
  assert.deepEqual(later.answer.value.afterServerIds, ["smf"]);
  assert.deepEqual(later.answer.value.notBeforeTime, timestamp(notBefore));
  assert.deepEqual(done.answer.value.serverIds, ["amf"]);
});

test("a question is given to a handler once, whatever is sent again", async (t) => {
  const asked: string[] = [];
  const { server, replied } = started(t, {
    onPlanned: ({ planRevision }) => {
      asked.push(String(planRevision));
      return accept();
    },
  });
  const notification = asking("n");
  server.snapshot(notification);
  await replied(1);
  server.notification(notification);
  server.snapshot(notification);
  server.notification(asking("n", { planRevision: 2n }));
  await replied(2);
  // A declined counter-offer asks the same revision again: another question, with another id of its reply.
  const declined = { state: CounterOfferState.DECLINED, createTime: timestamp(new Date(1_000)) };
  server.notification(asking("n", { planRevision: 2n, counterOffer: declined }));
  await replied(3);
  assert.deepEqual(asked, ["1", "2", "2"]);
  assert.deepEqual(
    server.replies.map(({ requestId }) => requestId),
    ["reply-n-1", "reply-n-2", "reply-n-2-1.000000000"],
  );
});

test("only pending notifications ask", async (t) => {
  const { server, replied, handlers } = started(t, { onPlanned: () => accept() });
  const others = [NotificationState.ANSWERED, NotificationState.REJECTED, NotificationState.EXPIRED, NotificationState.COUNTER_OFFERED];
  server.snapshot(...others.map((state) => asking(NotificationState[state], { state })));
  server.notification(asking("pending"));
  await replied(1);
  assert.deepEqual(handlers(), ["planned pending 1 begin", "planned pending 1 end"]);
});

test("no answer: no reply is sent, and the position goes on", async (t) => {
  const { server } = started(t, { onPlanned: () => noAnswer() });
  server.notification(asking("n"));
  await until(() => server.acknowledged.includes(1n), "the position");
  assert.equal(server.replies.length, 0);
});

test("a notification without its servers is completed first", async (t) => {
  const seen: string[] = [];
  const { server, replied } = started(t, {
    onDrain: ({ servers }) => {
      seen.push(...servers.map(({ serverId }) => serverId));
      return accept();
    },
  });
  const servers = ["a", "b", "c"].map((serverId) => ({ serverId, defaultAction: Action.MIGRATE }));
  server.stored.set("n", asking("n", { servers }));
  server.notification(asking("n", { kind: NotificationKind.DRAIN, servers: [], serversOmitted: true, serverCount: 3 }));
  await replied(1);
  assert.deepEqual(seen, ["a", "b", "c"]);
});

test("handlers of different notifications run beside each other, up to the limit", async (t) => {
  let running = 0;
  let most = 0;
  const go = new Later();
  const { server, replied } = started(t, {
    maxConcurrentHandlers: 3,
    onPlanned: async () => {
      running += 1;
      most = Math.max(most, running);
      if (running === 3) go.happen();
      await go.promise;
      running -= 1;
      return accept();
    },
  });
  server.snapshot(...Array.from({ length: 9 }, (_, i) => asking(`n${i}`)));
  await replied(9);
  assert.equal(most, 3);
});

test("those of one notification run in order, and the earlier one is cancelled", async (t) => {
  const log: string[] = [];
  const finish = new Later();
  const { server, replied, handlers } = started(t, {
    onPlanned: async ({ planRevision }, { signal }) => {
      log.push(`begin ${planRevision}`);
      if (planRevision === 1n) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        log.push("cancelled 1");
        await finish.promise;
      }
      log.push(`end ${planRevision}`);
      return planRevision === 1n ? reject("old") : accept();
    },
  });
  server.notification(asking("n"));
  await until(() => log.length === 1, "the first handler");
  server.notification(asking("n", { planRevision: 2n }));
  await until(() => log.length === 2, "its end");
  finish.happen();
  await replied(1);
  assert.deepEqual(log, ["begin 1", "cancelled 1", "end 1", "begin 2", "end 2"]);
  assert.deepEqual(answers(server), ["accept"]);
  assert.deepEqual(handlers().slice(0, 2), ["planned n 1 begin", "planned n 1 cancelled"]);
});

test("a question that somebody else answered is cancelled, and its answer is not sent", async (t) => {
  for (const over of ["state", "snapshot", "session"] as const) {
    const began = new Later();
    const { server, handlers } = started(t, {
      onPlanned: (_, { signal }) =>
        new Promise((resolve) => {
          began.happen();
          signal.addEventListener("abort", () => resolve(accept()));
        }),
    });
    server.notification(asking("n"));
    await began.promise;
    if (over === "state") server.notification(asking("n", { state: NotificationState.ANSWERED }));
    if (over === "snapshot") server.snapshot();
    if (over === "session") server.session(OwnerSessionChange.CANCELLED);
    await until(() => handlers().includes("planned n 1 cancelled"), `cancelled by ${over}`);
    const last = over === "snapshot" ? 1n : 2n;
    await until(() => server.acknowledged.includes(last), "the position");
    assert.equal(server.replies.length, 0);
  }
});

test("a handler that fails is called again", async (t) => {
  const { server, replied, handlers, errors } = started(t, {
    onPlanned: (_, { attempt }: HandlerContext) => {
      if (attempt === 1) throw new Error("not yet");
      return accept();
    },
  });
  server.notification(asking("n"));
  await replied(1);
  assert.deepEqual(handlers(), ["planned n 1 begin", "planned n 1 failed", "planned n 2 begin", "planned n 2 end"]);
  assert.equal((errors[0] as Error).message, "not yet");
});

test("an answer that is not valid counts as a failure of the handler", async (t) => {
  const { server, replied, outcomes } = started(t, {
    onPlanned: (_, { attempt }) => (attempt === 1 ? accept({ other: Action.KEEP }) : accept()),
  });
  server.onReply = ({ answer }) => {
    const named = answer.case === "accept" && answer.value.decisions.some(({ serverId }) => serverId === "other");
    if (named) throw failure(Code.InvalidArgument, ErrorReason.SERVER_NOT_IN_NOTIFICATION);
  };
  server.notification(asking("n"));
  await replied(2);
  await until(() => outcomes().length === 2, "both outcomes");
  assert.deepEqual(outcomes(), ["accept: SERVER_NOT_IN_NOTIFICATION", "accept: accepted"]);
});

test("a handler that returns nothing has failed", async (t) => {
  const { server, replied, errors } = started(t, {
    onPlanned: (_, { attempt }) => (attempt === 1 ? (undefined as unknown as Answer) : accept()),
  });
  server.notification(asking("n"));
  await replied(1);
  assert.ok(errors[0] instanceof TypeError);
});

test("the fallback answers before the deadline where the handler did not", async (t) => {
  for (const [fallback, expected] of [["accept", "accept"], ["reject", "reject"]] as const) {
    const { server, replied, handlers, outcomes } = started(t, {
      fallback,
      onPlanned: () => new Promise<Answer>(() => {}),
    });
    server.notification(asking("n", { replyDeadlineTime: soon(3_000) }));
    await replied(1);
    assert.deepEqual(answers(server), [expected]);
    await until(() => outcomes().length === 1, "its outcome");
    assert.deepEqual(outcomes(), [`${expected} by fallback: accepted`]);
    assert.deepEqual(handlers(), ["planned n 1 begin", "planned n 1 cancelled"]);
  }
});

test("a deadline that is moved moves the fallback", async (t) => {
  const began = new Later();
  const finish = new Later();
  const { server, replied } = started(t, {
    onPlanned: async () => {
      began.happen();
      await finish.promise;
      return reject("decided");
    },
  });
  server.notification(asking("n", { replyDeadlineTime: soon(5_000) }));
  await began.promise;
  const old = Date.now() + 5_000;
  server.notification(asking("n", { replyDeadlineTime: soon(60_000) }));
  await until(() => Date.now() > old, "the old deadline has passed");
  assert.equal(server.replies.length, 0);
  finish.happen();
  await replied(1);
  assert.deepEqual(answers(server), ["reject"]);
});

test("the fallback answers where the handler fails for ever, and rejects a scale-in", async (t) => {
  const { server, replied } = started(t, {
    onScaleIn: () => {
      throw new Error("never");
    },
  });
  server.notification(asking("n", { kind: NotificationKind.SCALE_IN, replyDeadlineTime: soon(3_000) }));
  await replied(1);
  assert.deepEqual(answers(server), ["reject"]);
});

test("a question whose deadline is past is looked up first", async (t) => {
  const { server, replied } = started(t, { onPlanned: () => reject("asked") });
  server.stored.set("moved", asking("moved"));
  server.stored.set("answered", asking("answered", { state: NotificationState.ANSWERED }));
  server.notification(asking("answered", { replyDeadlineTime: soon(-1_000) }));
  server.notification(asking("moved", { replyDeadlineTime: soon(-1_000) }));
  await replied(1);
  await until(() => server.acknowledged.includes(2n), "the position");
  assert.deepEqual(
    server.replies.map(({ notificationId, answer }) => [notificationId, answer.case]),
    [["moved", "reject"]],
  );
});

test("a reply is repeated with the same request id while it may count", async (t) => {
  const { server, replied, outcomes } = started(t, { onPlanned: () => accept() });
  const troubles = [failure(Code.DeadlineExceeded), failure(Code.ResourceExhausted), failure(Code.Internal), failure(Code.Unknown)];
  server.onReply = () => {
    const trouble = troubles.shift();
    if (trouble) throw trouble;
  };
  server.notification(asking("n"));
  await replied(5);
  await until(() => outcomes().length === 1, "the outcome");
  assert.deepEqual(outcomes(), ["accept: accepted"]);
  assert.deepEqual(new Set(server.replies.map(({ requestId }) => requestId)), new Set(["reply-n-1"]));
});

test("a refusal ends the question and is told", async (t) => {
  const refusals: [Code, ErrorReason][] = [
    [Code.Aborted, ErrorReason.PLAN_REVISION_STALE],
    [Code.FailedPrecondition, ErrorReason.REPLY_LATE],
    [Code.FailedPrecondition, ErrorReason.WRONG_STATE],
    [Code.NotFound, ErrorReason.NOTIFICATION_NOT_FOUND],
    [Code.AlreadyExists, ErrorReason.REQUEST_ID_REUSED],
  ];
  const refused: [string, ErrorReason | undefined][] = [];
  const { server, handlers } = started(t, {
    onPlanned: () => accept(),
    onReplyRefused: ({ id }, error) => refused.push([id, error.reason]),
  });
  server.onReply = ({ notificationId }) => {
    throw failure(...refusals[Number(notificationId)]!);
  };
  server.snapshot(...refusals.map((_, i) => asking(String(i))));
  await until(() => refused.length === refusals.length, "all refusals");
  assert.deepEqual(refused.sort(), refusals.map(([, reason], i) => [String(i), reason]));
  assert.equal(server.replies.length, refusals.length);
  assert.equal(handlers().length, 2 * refusals.length);
});

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
  const arrived = () => activities.filter(({ kind }) => kind === "item").length;
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

test("an error that trying again cannot mend ends the run", async (t) => {
  const server = new FakeNotifications();
  const original = server.connection.notifications.putSubscription;
  server.connection.notifications.putSubscription = () => Promise.reject(FermataError.from(failure(Code.PermissionDenied, ErrorReason.PROJECT_FOREIGN)));
  const owner = new RunningOwner(t, server.connection, {});
  await assert.rejects(owner.ended, (error: FermataError) => error.reason === ErrorReason.PROJECT_FOREIGN);
  server.connection.notifications.putSubscription = original;
});
