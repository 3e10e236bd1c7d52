import { describe, expect, test } from "vitest";
import { fromField, parseSpan, span, ticks, toField } from "./time.ts";

describe("spans", () => {
  test.each([[0, "0 s"], [400, "0 s"], [12_000, "12 s"], [260_000, "4 min 20 s"], [3_600_000, "1 h"], [90_061_000, "1 d 1 h"], [-5, "0 s"]])("%d ms is %s", (ms, text) => {
    expect(span(ms)).toBe(text);
  });
  test.each([["90 s", 90_000], ["1h 30min", 5_400_000], ["10m", 600_000], ["2 d", 172_800_000], ["0.5 s", 500]])("%s is read", (text, ms) => {
    expect(parseSpan(text)).toBe(ms);
  });
  test.each(["", "10", "ten minutes", "5 parsecs", "5 min!"])("“%s” is no span", (text) => {
    expect(parseSpan(text)).toBeUndefined();
  });
  test("what is shown can be written", () => {
    for (const ms of [1000, 59_000, 61_000, 3_660_000, 90_000_000]) expect(parseSpan(span(ms))).toBe(ms);
  });
});

test("a field of a form holds a time of the reader's zone, to the minute", () => {
  const time = Date.UTC(2026, 10, 30, 22, 31);
  expect(fromField(toField(time))).toBe(time);
  expect(fromField("")).toBeUndefined();
});

test("an axis has round times inside of it, and no more than there is room for", () => {
  const from = Date.UTC(2026, 10, 30, 18, 2, 7);
  for (const length of [15_000, 600_000, 7_200_000, 86_400_000, 30 * 86_400_000]) {
    const times = ticks(from, from + length, 5);
    expect(times.length).toBeGreaterThan(0);
    expect(times.length).toBeLessThanOrEqual(6);
    for (const time of times) expect(time >= from && time <= from + length && time % 1000 === 0).toBe(true);
  }
});
