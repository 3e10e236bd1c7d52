/** What an error of Fermata says, as types. */
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "./gen/fermata/v1/errors_pb.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";
import { milliseconds } from "./time.js";

/** The domain of the reasons that the contract defines. */
const DOMAIN = "fermata.dev";

/** A field of a request that was wrong. */
export interface FieldViolation {
  /** The field's path in the request, for example `spec.window.end_time`. */
  readonly field: string;
  /** What is wrong with it, and what would be right. */
  readonly description: string;
}

/** A condition that did not hold. */
export interface PreconditionViolation {
  /** The kind of the condition. */
  readonly type: string;
  /** What it is about, for example the name of a host. */
  readonly subject: string;
  /** How it failed. */
  readonly description: string;
}

/** What a {@link FermataError} is made of, beside its code and message. */
export interface FermataErrorDetails {
  /** As {@link FermataError.reasonName}. */
  readonly reasonName?: string;
  /** As {@link FermataError.metadata}. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** As {@link FermataError.fieldViolations}. */
  readonly fieldViolations?: readonly FieldViolation[];
  /** As {@link FermataError.preconditionViolations}. */
  readonly preconditionViolations?: readonly PreconditionViolation[];
  /** As {@link FermataError.retryAfterMs}. */
  readonly retryAfterMs?: number | undefined;
  /** The error that this one was made from. */
  readonly cause?: unknown;
}

/** An error of a call: what the server answered, or why it could not be reached. */
export class FermataError extends Error {
  /** The status code. UNAVAILABLE also stands for a connection that broke. */
  readonly code: Code;
  /** The name of the code as in gRPC, for example `FAILED_PRECONDITION`. */
  readonly codeName: string;
  /** The reason. `undefined`: there is none, or one that this version does not know. */
  readonly reason: ErrorReason | undefined;
  /** The reason as it was sent, for example `WRONG_STATE`. Empty: there is none. */
  readonly reasonName: string;
  /** Figures that belong to the reason; the comments of {@link ErrorReason} list them. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Every field that was wrong. */
  readonly fieldViolations: readonly FieldViolation[];
  /** Every condition that did not hold. */
  readonly preconditionViolations: readonly PreconditionViolation[];
  /** The shortest wait before the call is repeated, in milliseconds. `undefined`: the server sets none. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, code: Code, details: FermataErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "FermataError";
    this.code = code;
    this.codeName = codeName(code);
    this.reasonName = details.reasonName ?? "";
    this.reason = reasonOf(this.reasonName);
    this.metadata = details.metadata ?? {};
    this.fieldViolations = details.fieldViolations ?? [];
    this.preconditionViolations = details.preconditionViolations ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The reason, or else the code: the shortest name of what happened, for logs and metrics. */
  get label(): string {
    return this.reasonName || this.codeName;
  }

  /**
   * Makes an error of what a transport threw. What is a `FermataError` already stays as it is.
   *
   * @param thrown - what was thrown
   * @param signal - the caller's own signal: if it is aborted, a cancelled call is the caller's doing
   */
  static from(thrown: unknown, signal?: AbortSignal): FermataError {
    if (thrown instanceof FermataError) return thrown;
    const error = ConnectError.from(thrown);
    const info = error.findDetails(ErrorInfoSchema).find((detail) => detail.domain === DOMAIN);
    // Node reports a connection that broke as CANCELED or ABORTED. Fermata gives every error a reason, and never CANCELED.
    const broken = error.code === Code.Canceled ? !signal?.aborted : error.code === Code.Aborted && !info;
    return new FermataError(error.rawMessage, broken ? Code.Unavailable : error.code, {
      reasonName: info?.reason ?? "",
      metadata: info?.metadata ?? {},
      fieldViolations: error.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations),
      preconditionViolations: error.findDetails(PreconditionFailureSchema).flatMap((detail) => detail.violations),
      retryAfterMs: milliseconds(error.findDetails(RetryInfoSchema)[0]?.retryDelay),
      cause: thrown,
    });
  }
}

function reasonOf(name: string): ErrorReason | undefined {
  // Only names of reasons: not those of other properties of the object, nor its numbers.
  const isName = Object.hasOwn(ErrorReason, name) && Number.isNaN(Number(name));
  return isName ? ErrorReason[name as keyof typeof ErrorReason] || undefined : undefined;
}

function codeName(code: Code): string {
  // `Code` has the names of gRPC in camel case.
  return code === Code.Canceled ? "CANCELLED" : Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
