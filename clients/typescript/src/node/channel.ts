/** An HTTP/2 connection whose certificates may be renewed, and that does not wait for ever to be made. */
import { readFileSync } from "node:fs";
import type { ClientSessionOptions } from "node:http2";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions as TlsOptions, type TLSSocket } from "node:tls";

/** How long a connection may take to be made, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** PEM files for `https`. They are read again for each connection that is made. */
export interface TlsFiles {
  /** The CA that signed the server's certificate. Unset: those of Node.js. */
  readonly tlsCaFile?: string;
  /** The client's own certificate, followed by those that lead to its CA. */
  readonly tlsCertificateFile?: string;
  /** The private key of that certificate. */
  readonly tlsKeyFile?: string;
}

/** What the files say at the moment. Throws if one cannot be read. */
export function readTls({ tlsCaFile, tlsCertificateFile, tlsKeyFile }: TlsFiles): TlsOptions {
  return {
    ...(tlsCaFile !== undefined && { ca: readFileSync(tlsCaFile) }),
    ...(tlsCertificateFile !== undefined && { cert: readFileSync(tlsCertificateFile) }),
    ...(tlsKeyFile !== undefined && { key: readFileSync(tlsKeyFile) }),
  };
}

/** Options for `http2.connect`. */
export function http2Options(address: URL, files: TlsFiles): ClientSessionOptions {
  const isTls = address.protocol === "https:";
  const host = address.hostname.replace(/^\[|\]$/g, "");
  const port = Number(address.port || (isTls ? 443 : 80));
  return {
    createConnection: () => {
      const socket = isTls ? secure(host, port, files) : connectTcp({ host, port });
      limitConnecting(socket, isTls ? "secureConnect" : "connect", `${host}:${port}`);
      socket.setNoDelay(true);
      return socket;
    },
  };
}

function secure(host: string, port: number, files: TlsFiles): TLSSocket | Socket {
  let tls: TlsOptions;
  try {
    tls = readTls(files);
  } catch (error) {
    // Thrown from here, it would reach nobody. The connection fails instead, and with it the call.
    const socket = connectTcp({ host, port });
    socket.destroy(error as Error);
    return socket;
  }
  const name = isIP(host) ? {} : { servername: host };
  return connectTls({ host, port, ALPNProtocols: ["h2"], ...name, ...tls });
}

/** A network that swallows packets keeps a connection in the making for minutes. */
function limitConnecting(socket: Socket, ready: "connect" | "secureConnect", peer: string): void {
  const late = () => {
    const error = Object.assign(new Error(`cannot connect to ${peer} in ${CONNECT_TIMEOUT_MS} ms`), { code: "ETIMEDOUT" });
    socket.destroy(error);
  };
  const timer = setTimeout(late, CONNECT_TIMEOUT_MS);
  const made = () => clearTimeout(timer);
  socket.once(ready, made);
  socket.once("close", made);
}
