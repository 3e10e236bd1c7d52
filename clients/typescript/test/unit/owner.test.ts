/** The rules of the owner for questions, by a server in this process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@connectrpc/connect";
import {
  accept,
  Action,
  type Answer,
  counterOffer,
  CounterOfferState,
  DecisionSource,
  ErrorReason,
  type HandlerContext,
  noAnswer,
  NotificationKind,
  NotificationState,
  ownActionDone,
  OwnerSessionChange,
  reject,
  StreamPoint,
  timestamp,
} from "@fermata/client";
import { Later, until } from "../support.js";
import { asking } from "./fake-notifications.js";
import { failure } from "./scripted.js";
import { answers, soon, started } from "./started.js";

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
