/** What a session's form holds, and the spec that it means. */
import { duration, MaintenanceKind, OnFailure, OnObjection, OnSilence, StartMode, Action, timestamp, type MessageInitShape, type SessionSpecSchema } from "@fermata/client";
import { fromField, parseSpan, toField } from "./time.ts";

export type Spec = MessageInitShape<typeof SessionSpecSchema>;

export interface SpecForm {
  hosts: string[];
  zones: string[];
  aggregates: string[];
  reason: string;
  start: string;
  end: string;
  kind: MaintenanceKind;
  parallelHosts: number;
  parallelActions: number;
  announceReply: string;
  drainReply: string;
  leadTime: string;
  workTimeout: string;
  drainTimeout: string;
  defaultAction: Action;
  onSilence: OnSilence;
  onObjection: OnObjection;
  onFailure: OnFailure;
  startMode: StartMode;
}

/** What somebody finds who opens the form. */
export function emptyForm(now: number): SpecForm {
  return {
    hosts: [], zones: [], aggregates: [], reason: "", start: "", end: toField(now + 4 * 3_600_000), kind: MaintenanceKind.TEMPORARY,
    parallelHosts: 1, parallelActions: 4, announceReply: "10 min", drainReply: "5 min", leadTime: "", workTimeout: "30 min", drainTimeout: "1 h",
    defaultAction: Action.LIVE_MIGRATE, onSilence: OnSilence.PROCEED, onObjection: OnObjection.HOLD, onFailure: OnFailure.STOP,
    startMode: StartMode.AUTOMATIC,
  };
}

/** Fields of the form that are no spans. */
export function wrongSpans(form: SpecForm): ReadonlySet<keyof SpecForm> {
  const spans = ["announceReply", "drainReply", "leadTime", "workTimeout", "drainTimeout"] as const;
  return new Set(spans.filter((name) => form[name].trim() !== "" && parseSpan(form[name]) === undefined));
}

/** Whether there is enough to make a plan of: hosts and an end. */
export function canBePlanned(form: SpecForm): boolean {
  const hasHosts = form.hosts.length + form.zones.length + form.aggregates.length > 0;
  return hasHosts && fromField(form.end) !== undefined && wrongSpans(form).size === 0;
}

/** Whether a session can be made of it. */
export function isComplete(form: SpecForm): boolean {
  return canBePlanned(form) && form.reason.trim() !== "";
}

/** The spec. A field that is empty is unset. */
export function toSpec(form: SpecForm): Spec {
  const spec: Spec = {
    hosts: { names: [...form.hosts], zones: [...form.zones], aggregates: [...form.aggregates] },
    reason: form.reason.trim(),
    kind: form.kind,
    maxParallelHosts: form.parallelHosts,
    maxParallelActions: form.parallelActions,
    defaultAction: form.defaultAction,
    onSilence: form.onSilence,
    onObjection: form.onObjection,
    onFailure: form.onFailure,
    startMode: form.startMode,
  };
  const [start, end] = [fromField(form.start), fromField(form.end)];
  spec.window = {
    ...(start !== undefined && { startTime: timestamp(new Date(start)) }),
    ...(end !== undefined && { endTime: timestamp(new Date(end)) }),
  };
  const spans = [
    ["announceReplyPeriod", form.announceReply], ["drainReplyPeriod", form.drainReply], ["leadTime", form.leadTime],
    ["workTimeout", form.workTimeout], ["drainTimeout", form.drainTimeout],
  ] as const;
  for (const [field, text] of spans) {
    const length = parseSpan(text);
    if (length !== undefined) spec[field] = duration(length);
  }
  return spec;
}
