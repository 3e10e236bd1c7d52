/** A snapshot comes in parts; the caller gets it whole. */
import { toBinary } from "@bufbuild/protobuf";
import { MAX_MESSAGE_BYTES } from "../connection.js";
import type { SnapshotPart, StreamKind } from "./streams.js";

/** What one more part makes of a snapshot: all of it, nothing yet, or nothing because a part is missing or it is too large. */
export type Gathered =
  | { state: "whole"; snapshot: SnapshotPart }
  | { state: "begun" }
  | { state: "torn" }
  | { state: "tooLarge" };

/** The parts of one snapshot. */
export class Gathering {
  #begun: SnapshotPart | undefined;
  #bytes = 0;

  constructor(
    private readonly kind: StreamKind,
    private readonly maxBytes: number,
  ) {}

  /** Adds a part to those before it. */
  add(part: SnapshotPart): Gathered {
    const before = this.#begun;
    if (part.part !== (before?.part ?? 0) + 1) return { state: "torn" };
    // One part alone is no larger than a message may be. To measure it means to encode it, which is not done for nothing.
    const alone = part.last && !before && this.maxBytes >= MAX_MESSAGE_BYTES;
    if (!alone) this.#bytes += toBinary(this.kind.snapshot, part).byteLength;
    if (this.#bytes > this.maxBytes) return { state: "tooLarge" };
    const whole = before ? this.joined(before, part) : part;
    this.#begun = part.last ? undefined : whole;
    if (!part.last) return { state: "begun" };
    this.#bytes = 0;
    return { state: "whole", snapshot: whole };
  }

  private joined(whole: SnapshotPart, next: SnapshotPart): SnapshotPart {
    for (const list of this.kind.lists) {
      const into = (whole as unknown as Record<string, unknown[]>)[list];
      for (const entry of (next as unknown as Record<string, unknown[]>)[list] ?? []) into?.push(entry);
    }
    whole.part = next.part;
    whole.last = next.last;
    return whole;
  }
}
