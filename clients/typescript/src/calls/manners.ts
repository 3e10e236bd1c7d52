/** What may be repeated, and the `request_id` that makes it so. */
import { create, type DescMethod, type Message } from "@bufbuild/protobuf";

/** Whether a call that failed may be made again: those that read, and those that carry a `request_id`. */
export function mayBeRepeated(method: DescMethod): boolean {
  return /^(Get|List)/.test(method.name) || takesRequestId(method);
}

function takesRequestId(method: DescMethod): boolean {
  return method.input.fields.some((field) => field.name === "request_id");
}

/** The request of a call. It gets a `request_id` if its type has one and the caller set none. */
export function requestOf(method: DescMethod, init: object): Message {
  const given = create(method.input, init as Record<string, unknown>);
  if (!takesRequestId(method)) return given;
  const { requestId } = given as Message & { requestId: string };
  // A copy: the caller's own message stays as it is, so that its next call is another request.
  return requestId === "" ? Object.assign(create(method.input), given, { requestId: randomId() }) : given;
}

/** A random id. `crypto.randomUUID` exists on pages from HTTPS and loopback only. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
