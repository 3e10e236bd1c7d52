/** A network that can be made to swallow everything, or to break. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Proxy {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #silent = false;

  private constructor(target: URL) {
    this.#server = createServer((near) => {
      const far = connect({ host: target.hostname, port: Number(target.port) });
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(new URL(target));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Swallows what is sent, also on new connections. */
  silence(): void {
    this.#silent = true;
  }

  /** Passes on again what is sent from now on. */
  heal(): void {
    this.#silent = false;
  }

  /** Resets every connection. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (data) => {
      if (!this.#silent) to.write(data);
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
