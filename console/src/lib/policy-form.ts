/** What the form of a policy holds, and the policy that it means. */
import { Action, duration, type MessageInitShape, milliseconds, MigrationType, type Policy, type PolicySchema, UnexpectedAction } from "@fermata/client";
import { parseSpan, span } from "./time.ts";

export interface PolicyForm {
  controlledTemporary: Action;
  controlledPermanent: Action;
  unexpectedTemporary: UnexpectedAction;
  unexpectedPermanent: UnexpectedAction;
  leadTime: string;
  maxInterruption: string;
  /** Place in {@link WAYS}. */
  way: number;
  mitigation: "" | "yes" | "no";
}

/** How a server may be moved, the most preferred first. */
export const WAYS: readonly { readonly label: string; readonly types: readonly MigrationType[] }[] = [
  { label: "Not set: every way", types: [] },
  { label: "Live only", types: [MigrationType.LIVE] },
  { label: "Live, or stopped", types: [MigrationType.LIVE, MigrationType.OFFLINE] },
  { label: "Stopped, or live", types: [MigrationType.OFFLINE, MigrationType.LIVE] },
  { label: "Stopped only", types: [MigrationType.OFFLINE] },
  { label: "Never without a reply", types: [MigrationType.NONE] },
];

const text = (length: Parameters<typeof milliseconds>[0]) => {
  const ms = milliseconds(length);
  // An interruption may be shorter than a second.
  return ms === undefined ? "" : ms % 1000 === 0 ? span(ms) : `${ms / 1000} s`;
};

/** The form of a policy; without one, of an empty one. */
export function toPolicyForm(policy: Policy | undefined): PolicyForm {
  const types = policy?.migrationTypes ?? [];
  const way = WAYS.findIndex((known) => known.types.length === types.length && known.types.every((type, index) => type === types[index]));
  return {
    controlledTemporary: policy?.controlledTemporary ?? Action.UNSPECIFIED,
    controlledPermanent: policy?.controlledPermanent ?? Action.UNSPECIFIED,
    unexpectedTemporary: policy?.unexpectedTemporary ?? UnexpectedAction.UNSPECIFIED,
    unexpectedPermanent: policy?.unexpectedPermanent ?? UnexpectedAction.UNSPECIFIED,
    leadTime: text(policy?.leadTime),
    maxInterruption: text(policy?.maxInterruption),
    way: Math.max(0, way),
    mitigation: policy?.mitigationRequested === undefined ? "" : policy.mitigationRequested ? "yes" : "no",
  };
}

/** Whether what is written in a field of spans is one, or nothing. */
export function isSpan(written: string): boolean {
  return written.trim() === "" || parseSpan(written) !== undefined;
}

/** A span of the contract. `undefined`: nothing is written. */
export function toDuration(written: string) {
  const ms = parseSpan(written);
  return ms === undefined ? undefined : duration(ms);
}

/** The policy. What is empty is unset. */
export function toPolicy(form: PolicyForm): MessageInitShape<typeof PolicySchema> {
  const [leadTime, maxInterruption] = [toDuration(form.leadTime), toDuration(form.maxInterruption)];
  return {
    controlledTemporary: form.controlledTemporary,
    controlledPermanent: form.controlledPermanent,
    unexpectedTemporary: form.unexpectedTemporary,
    unexpectedPermanent: form.unexpectedPermanent,
    ...(leadTime && { leadTime }),
    ...(maxInterruption && { maxInterruption }),
    migrationTypes: [...(WAYS[form.way]?.types ?? [])],
    ...(form.mitigation && { mitigationRequested: form.mitigation === "yes" }),
  };
}

/** What a policy says, in short. */
export function summary(policy: Policy | undefined, name: (action: Action) => string): string {
  if (!policy) return "–";
  const parts = [];
  if (policy.controlledTemporary) parts.push(`maintenance: ${name(policy.controlledTemporary).toLowerCase()}`);
  if (policy.controlledPermanent) parts.push(`retirement: ${name(policy.controlledPermanent).toLowerCase()}`);
  if (policy.leadTime) parts.push(`lead time ${text(policy.leadTime)}`);
  const way = WAYS.find(({ types }) => types.length > 0 && types.every((type, index) => type === policy.migrationTypes[index]) && types.length === policy.migrationTypes.length);
  if (way) parts.push(way.label.toLowerCase());
  return parts.join(", ") || "nothing set";
}
