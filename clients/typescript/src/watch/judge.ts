/** What an error means for a watch. */
import { Code } from "@connectrpc/connect";
import type { FermataError } from "../error.js";
import { ErrorReason } from "../gen/fermata/v1/errors_pb.js";

/** Go on after the last message, begin again with a snapshot, or end: trying again cannot mend it. */
export type Verdict = "goOn" | "beginAgain" | "giveUp";

/**
 * @param error - what the stream ended with
 * @param ownToken - whether the stream was opened with a token of this watch, not with one of the caller's
 * @param renewable - whether the credentials can be renewed
 */
export function judge(error: FermataError, ownToken: boolean, renewable: boolean): Verdict {
  if (error.reason === ErrorReason.RESUME_TOKEN_EXPIRED) return "beginAgain";
  // A token that this server gave is invalid only if its database was replaced.
  if (error.reason === ErrorReason.RESUME_TOKEN_INVALID && ownToken) return "beginAgain";
  return mayPass(error, renewable) ? "goOn" : "giveUp";
}

/** Whether the same call may go well later. */
export function mayPass(error: FermataError, renewable: boolean): boolean {
  switch (error.code) {
    case Code.Unauthenticated:
      return renewable && error.reason === ErrorReason.CREDENTIALS_EXPIRED;
    case Code.InvalidArgument:
    case Code.NotFound:
    case Code.AlreadyExists:
    case Code.PermissionDenied:
    case Code.FailedPrecondition:
    case Code.OutOfRange:
    case Code.Unimplemented:
    case Code.DataLoss:
      return false;
    case Code.Canceled:
    case Code.Unknown:
    case Code.DeadlineExceeded:
    case Code.ResourceExhausted:
    case Code.Aborted:
    case Code.Internal:
    case Code.Unavailable:
      return true;
  }
}
