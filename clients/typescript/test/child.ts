/** A program of Node.js in a process of its own, which tests may kill. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { atEnd, until } from "./support.js";

export class Child {
  /** What it has printed. */
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(script: string, args: readonly string[]) {
    this.#process = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    // Later than its exit: all that it printed has been read, too.
    this.#exited = once(this.#process, "close");
    if (this.#process.stdout) createInterface({ input: this.#process.stdout }).on("line", (line) => this.lines.push(line));
  }

  /** Starts a script. It is killed when the test is over. */
  static start(t: TestContext, script: string, args: readonly string[]): Child {
    const child = new Child(script, args);
    atEnd(t, () => child.kill());
    return child;
  }

  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** Waits for a line. */
  async line(isIt: (line: string) => boolean): Promise<string> {
    return until(() => this.lines.find(isIt), "a line that the test waits for");
  }

  /** Kills it, as `kill -9` does. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  /** Stops it in good order. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#exited;
  }
}
