/** All questions of an owner, by the notification that asks them. */
import { type Notification, NotificationState } from "../gen/fermata/v1/notification_pb.js";
import { questionKey } from "./key.js";
import { Question } from "./question.js";
import type { World } from "./world.js";

/** The questions of one notification, one after the other. */
interface Thread {
  readonly sessionId: string;
  /** What has been given to a handler. */
  readonly keys: Set<string>;
  current: Question | undefined;
  /** No handler of the questions so far runs any more. */
  returned: Promise<void>;
}

/** Gives each question to a handler once. */
export class Questions {
  readonly #threads = new Map<string, Thread>();
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly world: World) {}

  /**
   * A notification was sent.
   *
   * @param handled - called when it needs nothing more
   */
  take(notification: Notification, handled: () => void): void {
    const thread = this.#threads.get(notification.id);
    if (notification.state !== NotificationState.PENDING) {
      thread?.current?.supersede();
      if (notification.state === NotificationState.CLOSED) this.#threads.delete(notification.id);
      return handled();
    }
    const key = questionKey(notification);
    if (thread?.keys.has(key)) {
      if (thread.current?.key !== key) return handled();
      thread.current.update(notification);
      return thread.current.whenSettled(handled);
    }
    thread?.current?.supersede();
    this.#begin(thread ?? this.#thread(notification), notification, key, handled);
  }

  /** The notifications that there are: questions of any other one are over. `handled` as in {@link Questions.take}. */
  replace(notifications: readonly Notification[], handled: () => void): void {
    const there = new Set(notifications.map(({ id }) => id));
    for (const [id, thread] of this.#threads) {
      if (there.has(id)) continue;
      thread.current?.supersede();
      this.#threads.delete(id);
    }
    let left = notifications.length;
    if (left === 0) return handled();
    const one = () => {
      left -= 1;
      if (left === 0) handled();
    };
    for (const notification of notifications) this.take(notification, one);
  }

  /** A session has ended: so have its questions. */
  sessionEnded(sessionId: string): void {
    for (const [id, thread] of this.#threads) {
      if (thread.sessionId !== sessionId) continue;
      thread.current?.supersede();
      this.#threads.delete(id);
    }
  }

  /** Resolves when no question is being answered. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #thread({ id, sessionId }: Notification): Thread {
    const thread = { sessionId, keys: new Set<string>(), current: undefined, returned: Promise.resolve() };
    this.#threads.set(id, thread);
    return thread;
  }

  #begin(thread: Thread, notification: Notification, key: string, handled: () => void): void {
    const question = new Question(this.world, notification);
    thread.keys.add(key);
    thread.current = question;
    question.whenSettled(handled);
    const before = thread.returned;
    const running = question.run(before).finally(() => {
      this.#running.delete(running);
      if (thread.current === question) thread.current = undefined;
    });
    this.#running.add(running);
    thread.returned = running.then(async () => {
      await before;
      await question.handlersReturned();
    });
  }
}
