/** One HTTP request. `fetch` of Node.js takes no CA. */
import { readFileSync } from "node:fs";
import { request as requestHttp, type IncomingHttpHeaders } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";

const TIMEOUT_MS = 30_000;

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Posts JSON. Rejects if no answer comes within 30 seconds. */
export function post(url: string, body: string, caFile?: string): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const options = { method: "POST", headers, signal };
  return new Promise((resolve, reject) => {
    const request = url.startsWith("https:")
      ? requestHttps(url, { ...options, ...(caFile !== undefined && { ca: readFileSync(caFile) }) })
      : requestHttp(url, options);
    request.on("error", reject);
    request.on("response", (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }), reject);
    });
    request.end(body);
  });
}
