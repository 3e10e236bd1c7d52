/** Spans and times of the contract, as milliseconds and dates. */
import { create } from "@bufbuild/protobuf";
import {
  type Duration,
  DurationSchema,
  type Timestamp,
  timestampDate,
  timestampFromDate,
} from "@bufbuild/protobuf/wkt";

/**
 * A span of the contract from milliseconds.
 *
 * @param milliseconds - not negative; parts of a millisecond are kept down to a nanosecond
 */
export function duration(milliseconds: number): Duration {
  const seconds = Math.floor(milliseconds / 1000);
  const nanos = Math.round((milliseconds - seconds * 1000) * 1e6);
  return create(DurationSchema, { seconds: BigInt(seconds), nanos });
}

/** The milliseconds of a span of the contract; `undefined` if it is not set. */
export function milliseconds(span: Duration | undefined): number | undefined {
  return span && Number(span.seconds) * 1000 + span.nanos / 1e6;
}

/** A time of the contract from a date. */
export function timestamp(date: Date): Timestamp {
  return timestampFromDate(date);
}

/** The date of a time of the contract; `undefined` if it is not set. */
export function date(time: Timestamp | undefined): Date | undefined {
  return time && timestampDate(time);
}
