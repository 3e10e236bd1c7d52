/** Times and spans as people read and write them. */
import { date, type duration } from "@fermata/client";

type Timestamp = Parameters<typeof date>[0];
export type Duration = ReturnType<typeof duration>;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const shortClock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

/** Milliseconds since 1970. `undefined`: it is not set. */
export function ms(time: Timestamp): number | undefined {
  return date(time)?.getTime();
}

/** Today's times as `14:05:09`, others with their day. */
export function at(time: number | undefined, now = Date.now()): string {
  if (time === undefined) return "–";
  return new Date(time).toDateString() === new Date(now).toDateString() ? clock.format(time) : dayAndClock.format(time);
}

/** As `14:05`, for axes. */
export function onAxis(time: number, span: number): string {
  return span > 2 * DAY ? dayAndClock.format(time) : span > 20 * MINUTE ? shortClock.format(time) : clock.format(time);
}

/** With everything, for titles. */
export function exact(time: number | undefined): string {
  return time === undefined ? "" : full.format(time);
}

/** `3 d 4 h`, `1 h 5 min`, `4 min 20 s`, `12 s`. */
export function span(milliseconds: number): string {
  const rest = Math.max(0, Math.round(milliseconds / SECOND) * SECOND);
  const parts: [number, string][] = [
    [Math.floor(rest / DAY), "d"],
    [Math.floor((rest % DAY) / HOUR), "h"],
    [Math.floor((rest % HOUR) / MINUTE), "min"],
    [Math.floor((rest % MINUTE) / SECOND), "s"],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first < 0) return "0 s";
  return parts.slice(first, first + 2).filter(([number]) => number > 0).map(([number, unit]) => `${number} ${unit}`).join(" ");
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND, sec: SECOND, m: MINUTE, min: MINUTE, h: HOUR, d: DAY };

/** Milliseconds of `90 s`, `1h 30min`, `10m`. `undefined`: it is no span. */
export function parseSpan(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/i.test(trimmed)) return undefined;
  let sum = 0;
  for (const [, number, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const length = UNITS[(unit ?? "").toLowerCase()];
    if (length === undefined) return undefined;
    sum += Number(number) * length;
  }
  return sum;
}

/** What a `datetime-local` field holds, in the browser's time zone. */
export function toField(time: number): string {
  const moment = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** The time that such a field holds. `undefined`: none. */
export function fromField(text: string): number | undefined {
  const time = new Date(text).getTime();
  return Number.isNaN(time) ? undefined : time;
}

/** Round times for an axis, at most `most` of them. */
export function ticks(from: number, to: number, most: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30].map((s) => s * SECOND)
    .concat([1, 2, 5, 10, 15, 30].map((m) => m * MINUTE), [1, 2, 3, 6, 12].map((h) => h * HOUR), [1, 2, 7, 14, 30, 90].map((d) => d * DAY));
  const step = steps.find((length) => (to - from) / length <= most) ?? (to - from) / most;
  // Whole days begin at midnight where the reader is.
  const shift = new Date(from).getTimezoneOffset() * MINUTE;
  const found: number[] = [];
  for (let time = Math.ceil((from - shift) / step) * step + shift; time <= to; time += step) found.push(time);
  return found;
}
