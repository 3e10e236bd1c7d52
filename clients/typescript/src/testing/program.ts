/** The process of a server under test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** How long a server may take to start or stop, in milliseconds: generous, for machines that are busy. */
const LIMIT_MS = 60_000;
/** So many lines of the log are kept. */
const KEPT_LINES = 1_000;

/** A running `fermata serve`. */
export class Program {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #killWithUs = () => this.#process.kill("SIGKILL");

  private constructor(
    program: string,
    args: readonly string[],
    private readonly log: string[],
  ) {
    this.#process = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    process.once("exit", this.#killWithUs);
    const forget = () => process.off("exit", this.#killWithUs);
    this.#process.once("error", forget);
    this.#exited = new Promise((resolve) => {
      this.#process.once("exit", () => {
        forget();
        resolve();
      });
    });
  }

  /**
   * Starts a server and waits until it is ready.
   *
   * @param log - gets the lines of its log
   * @returns the process, and the address at which it listens, as `127.0.0.1:PORT`
   */
  static async start(program: string, args: readonly string[], log: string[]): Promise<{ program: Program; address: string }> {
    const started = new Program(program, args, log);
    try {
      return { program: started, address: await started.#ready(program) };
    } catch (error) {
      await started.kill();
      throw error;
    }
  }

  /** Whether it still runs. */
  get runs(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined;
  }

  /** Its process id. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Stops it in good order. */
  async stop(): Promise<void> {
    if (!this.runs) return;
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), LIMIT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Kills it, as `kill -9` does. */
  async kill(): Promise<void> {
    if (!this.runs) return;
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  async #ready(program: string): Promise<string> {
    const { stderr } = this.#process;
    if (!stderr) throw new Error("the server has no log");
    const lines = createInterface({ input: stderr });
    let address: string | undefined;
    const ready = new Promise<string>((resolve) => {
      lines.on("line", (line) => {
        this.#keep(line);
        const { message, grpc } = parsed(line);
        if (message === "listening") address = grpc;
        if (message === "ready" && address !== undefined) resolve(address);
      });
    });
    const failed = once(this.#process, "error").then(([cause]: unknown[]) => {
      const hint = "build it or install it, and name it with FERMATA_BIN or the option `program`";
      throw new Error(`cannot run ${program}: ${hint}`, { cause });
    });
    // Only one of them is waited for.
    failed.catch(() => {});
    const ended = this.#exited.then(() => {
      throw new Error(`the server ended before it was ready:\n${this.log.slice(-20).join("\n")}`);
    });
    ended.catch(() => {});
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the server was not ready after ${LIMIT_MS} ms`)), LIMIT_MS);
    });
    try {
      return await Promise.race([ready, failed, ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #keep(line: string): void {
    this.log.push(line);
    if (this.log.length > KEPT_LINES) this.log.splice(0, this.log.length - KEPT_LINES);
  }
}

function parsed(line: string): { message?: string; grpc?: string } {
  try {
    return JSON.parse(line) as { message?: string; grpc?: string };
  } catch {
    return {};
  }
}
