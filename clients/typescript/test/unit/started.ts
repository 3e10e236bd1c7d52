/** An owner at a server in this process. */
import type { TestContext } from "node:test";
import { type OwnerActivity, type OwnerOptions, timestamp } from "@fermata/client";
import { RunningOwner, until } from "../support.js";
import { FakeNotifications } from "./fake-notifications.js";

/** A server, an owner at it, and what the owner did. */
export function started(t: TestContext, options: Partial<OwnerOptions> = {}) {
  const server = new FakeNotifications();
  const activities: OwnerActivity[] = [];
  const errors: unknown[] = [];
  const owner = new RunningOwner(t, server.connection, {
    onActivity: (activity) => activities.push(activity),
    onError: (error) => errors.push(error),
    onWarning: () => {},
    ...options,
  });
  const replied = (count: number) => until(() => server.replies.length >= count, `${count} replies`);
  const handlers = () =>
    activities.flatMap((one) => (one.kind === "handler" ? [`${one.handler} ${one.id} ${one.attempt} ${one.phase}`] : []));
  const outcomes = () =>
    activities.flatMap((one) => (one.kind === "reply" ? [`${one.answer}${one.fallback ? " by fallback" : ""}: ${one.outcome}`] : []));
  return { server, owner, activities, errors, replied, handlers, outcomes };
}

/** The kinds of the replies so far. */
export const answers = (server: FakeNotifications) => server.replies.map(({ answer }) => answer.case);
/** A time so many milliseconds from now. */
export const soon = (milliseconds: number) => timestamp(new Date(Date.now() + milliseconds));
