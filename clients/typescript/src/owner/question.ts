/** One question: from the notification that asks it to the reply that counts. */
import { Backoff } from "../backoff.js";
import type { Notification } from "../gen/fermata/v1/notification_pb.js";
import { NotificationKind, NotificationState } from "../gen/fermata/v1/notification_pb.js";
import { LinkedController, sleep, whenAborted } from "../signals.js";
import { date } from "../time.js";
import { type Answer, accept, fallbackAnswer, reject } from "./answer.js";
import { callHandler } from "./attempt.js";
import { Deadline } from "./deadline.js";
import { questionKey } from "./key.js";
import { completed } from "./notifications.js";
import { sendReply } from "./reply.js";
import type { HandlerName, QuestionHandler } from "./types.js";
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, type World } from "./world.js";

/** What a step of a question leads to: an answer, another attempt, the end, or nothing because the owner stops. */
type Step = { answer: Answer } | "again" | "over" | "left";

/** A question that is being answered. */
export class Question {
  readonly key: string;
  readonly #over = new AbortController();
  readonly #deadline: Deadline;
  #notification: Notification;
  #handlerRuns: Promise<void> = Promise.resolve();
  #onSettled: (() => void)[] | undefined = [];

  constructor(
    private readonly world: World,
    notification: Notification,
  ) {
    this.key = questionKey(notification);
    this.#notification = notification;
    this.#deadline = new Deadline(world.options.answerMarginMs ?? 10_000, date(notification.replyDeadlineTime));
  }

  /** The notification was sent again, with the same question: perhaps with another deadline. */
  update(notification: Notification): void {
    this.#notification = notification;
    this.#deadline.set(date(notification.replyDeadlineTime));
  }

  /** The question does not need an answer any more: the handler is cancelled, and its answer is not sent. */
  supersede(): void {
    this.#over.abort();
  }

  /** Calls `then` when the question needs nothing more; never if the owner stops before. */
  whenSettled(then: () => void): void {
    if (this.#onSettled) this.#onSettled.push(then);
    else then();
  }

  /**
   * Answers the question.
   *
   * @param before - the handlers of earlier questions of the same notification have returned
   * @returns when the question is settled or left; never rejects
   */
  async run(before: Promise<void>): Promise<void> {
    this.world.telemetry.question(this.handlerName);
    const settled = await this.#answer(before);
    this.#deadline.clear();
    if (!settled) return;
    const told = this.#onSettled ?? [];
    this.#onSettled = undefined;
    for (const then of told) then();
  }

  /** Resolves when no handler of this question runs any more, which may be later than its end. */
  async handlersReturned(): Promise<void> {
    await this.#handlerRuns;
  }

  async #answer(before: Promise<void>): Promise<boolean> {
    if (this.#deadline.due.aborted && !(await this.#stillAsked())) return true;
    const backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, 0);
    for (let attempt = 1; ; attempt += 1) {
      let step = await this.#ask(attempt, before);
      if (typeof step === "object") step = await this.#reply(step.answer, false);
      if (step === "left" || step === "over") return step === "over";
      if (this.#deadline.due.aborted) return (await this.#fallBack()) === "over";
      const pause = new LinkedController(this.#over.signal, this.#deadline.due, this.world.stopping.signal);
      await sleep(backoff.next(), pause.signal);
      pause.release();
    }
  }

  /** Gets an answer of the handler. */
  async #ask(attempt: number, before: Promise<void>): Promise<Step> {
    const { world } = this;
    const cut = new LinkedController(this.#over.signal, this.#deadline.due, world.stopping.signal);
    const wait = whenAborted(cut.signal);
    try {
      // Its own earlier handler may still run, too: the deadline has passed under it, and was then moved.
      await Promise.race([Promise.all([before, this.#handlerRuns]), wait.promise]);
      if (!cut.signal.aborted && !(await this.#complete(cut.signal)) && !cut.signal.aborted) return "again";
      if (cut.signal.aborted) return this.#cutShort();
      const handler = this.#handler();
      if (!handler) return { answer: this.#withoutHandler() };
      if (!(await world.slots.take(cut.signal))) return this.#cutShort();
      return await this.#call(handler, attempt);
    } finally {
      wait.release();
      cut.release();
    }
  }

  async #call(handler: QuestionHandler, attempt: number): Promise<Step> {
    const { world } = this;
    const notification = this.#notification;
    const { id, planRevision } = notification;
    const call = { handler: this.handlerName, id, planRevision, attempt };
    const what = `the handler ${call.handler} failed for notification ${id}`;
    const cuts = [this.#over.signal, this.#deadline.due, world.stopped.signal];
    let returned = () => {};
    this.#handlerRuns = new Promise((resolve) => {
      returned = resolve;
    });
    const run = (context: { signal: AbortSignal; attempt: number }) =>
      handler(notification, { ...context, answerBy: this.#deadline.answerBy });
    const outcome = await callHandler(world, call, cuts, run, () => returned());
    switch (outcome.state) {
      case "returned":
        if (isAnswer(outcome.value)) return { answer: outcome.value };
        world.error(new TypeError("it returned no answer; return accept(), reject(…) or another one"), what);
        return "again";
      case "failed":
        world.error(outcome.error, what);
        return "again";
      case "left":
        return this.#cutShort();
    }
  }

  #cutShort(): Step {
    if (this.#over.signal.aborted) return "over";
    // The fallback answers, unless the owner stops anyway.
    return this.#deadline.due.aborted && !this.world.stopped.signal.aborted ? "again" : "left";
  }

  async #reply(answer: Answer, fallback: boolean): Promise<Step> {
    if (answer.kind === "no_answer") return "over";
    const reply = { notification: this.#notification, answer, requestId: this.key, fallback };
    const outcome = await sendReply(this.world, reply, this.#over.signal);
    if (outcome.state !== "invalid") return outcome.state;
    this.world.error(outcome.error, `the answer to notification ${this.#notification.id} is not valid`);
    return "again";
  }

  async #fallBack(): Promise<Step> {
    await this.#complete(this.#over.signal);
    if (this.#over.signal.aborted) return "over";
    const answer = fallbackAnswer(this.#notification, this.world.options.fallback ?? "accept");
    return this.#reply(answer, true);
  }

  /** Fetches the servers of a notification that comes without them. `false`: it could not. */
  async #complete(signal: AbortSignal): Promise<boolean> {
    try {
      this.#notification = await completed(this.world.connection, this.#notification, signal);
      return true;
    } catch (error) {
      if (!signal.aborted) this.world.error(error, `cannot list the servers of notification ${this.#notification.id}`);
      return false;
    }
  }

  /**
   * A question whose time seems to be over was asked before this owner was started. It may have been answered since, or its
   * deadline moved.
   */
  async #stillAsked(): Promise<boolean> {
    const { id: notificationId, projectId } = this.#notification;
    try {
      const signal = this.world.stopping.signal;
      const { notification } = await this.world.connection.notifications.getNotification({ projectId, notificationId }, { signal });
      if (notification?.state !== NotificationState.PENDING || questionKey(notification) !== this.key) return false;
      this.update(notification);
      return true;
    } catch {
      // The reply finds out.
      return true;
    }
  }

  private get handlerName(): HandlerName {
    if (this.#notification.kind === NotificationKind.SCALE_IN) return "scale_in";
    return this.#notification.kind === NotificationKind.DRAIN ? "drain" : "planned";
  }

  #handler(): QuestionHandler | undefined {
    const { onPlanned, onDrain, onScaleIn } = this.world.options;
    switch (this.#notification.kind) {
      case NotificationKind.PLANNED:
        return onPlanned;
      case NotificationKind.DRAIN:
        return onDrain;
      case NotificationKind.SCALE_IN:
        return onScaleIn;
      default:
        return undefined;
    }
  }

  #withoutHandler(): Answer {
    const isScaleIn = this.#notification.kind === NotificationKind.SCALE_IN;
    return isScaleIn ? reject("this owner does not scale in on request") : accept();
  }
}

/** Types do not bind an author who writes JavaScript. */
function isAnswer(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && "kind" in value;
}
