/** Errors, with everything that a server attaches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { duration, ErrorReason, FermataError } from "@fermata/client";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from "#src/gen/google/rpc/error_details_pb.js";

const info = (reason: string, domain = "fermata.dev") => ({ desc: ErrorInfoSchema, value: { reason, domain, metadata: { plan_revision: "7" } } });

test("reads everything that a server attaches", () => {
  const error = FermataError.from(
    new ConnectError("an older plan", Code.Aborted, undefined, [
      info("PLAN_REVISION_STALE"),
      { desc: BadRequestSchema, value: { fieldViolations: [{ field: "spec.reason", description: "must not be empty" }] } },
      { desc: PreconditionFailureSchema, value: { violations: [{ type: "STATE", subject: "compute-1", description: "is DRAINING" }] } },
      { desc: RetryInfoSchema, value: { retryDelay: duration(1_500) } },
    ]),
  );
  assert.deepEqual([error.message, error.code, error.codeName], ["an older plan", Code.Aborted, "ABORTED"]);
  assert.deepEqual([error.reason, error.reasonName, error.label], [ErrorReason.PLAN_REVISION_STALE, "PLAN_REVISION_STALE", "PLAN_REVISION_STALE"]);
  assert.equal(error.metadata["plan_revision"], "7");
  assert.equal(error.fieldViolations[0]?.field, "spec.reason");
  assert.equal(error.preconditionViolations[0]?.subject, "compute-1");
  assert.equal(error.retryAfterMs, 1_500);
  assert.ok(error.cause instanceof ConnectError);
});

test("keeps the name of a reason that it does not know", () => {
  for (const name of ["FROM_THE_FUTURE", "toString", "UNSPECIFIED"]) {
    const error = FermataError.from(new ConnectError("", Code.Internal, undefined, [info(name)]));
    assert.deepEqual([error.reason, error.reasonName], [undefined, name]);
  }
});

test("the reason of another domain is not one of Fermata", () => {
  const error = FermataError.from(new ConnectError("", Code.Internal, undefined, [info("WRONG_STATE", "proxy.example")]));
  assert.deepEqual([error.reason, error.reasonName, error.label], [undefined, "", "INTERNAL"]);
});

test("the codes have the names of gRPC", () => {
  const names = [Code.InvalidArgument, Code.DeadlineExceeded, Code.Unknown].map((code) => new FermataError("", code).codeName);
  assert.deepEqual(names, ["INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "UNKNOWN"]);
});
