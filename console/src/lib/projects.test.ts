import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ProjectNames } from "./projects.svelte.ts";

describe("item 10: names of projects", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const known: Readonly<Record<string, string>> = { a1: "core", b2: "ims" };
  const reader = () => vi.fn((ids: string[]) => Promise.resolve(ids.filter((id) => known[id]).map((projectId) => ({ projectId, name: known[projectId] ?? "" }))));

  test("item_10_ids_that_are_shown_at_once_are_one_call, and none is asked for twice", async () => {
    const read = reader();
    const names = new ProjectNames(read);
    expect([names.of("a1"), names.of("b2"), names.of("a1"), names.of("none"), names.of("")]).toEqual(["a1", "b2", "a1", "none", ""]);
    await vi.runAllTimersAsync();
    expect(read.mock.calls).toEqual([[["a1", "b2", "none"]]]);
    expect([names.of("a1"), names.of("b2"), names.of("none")]).toEqual(["core", "ims", "none"]);
    await vi.runAllTimersAsync();
    expect(read).toHaveBeenCalledTimes(1);
  });
  test("item_10_a_call_names_no_more_ids_than_it_may", async () => {
    const read = reader();
    const names = new ProjectNames(read);
    for (let number = 0; number < 1100; number += 1) names.of(`p${number}`);
    await vi.runAllTimersAsync();
    expect(read.mock.calls.map(([ids]) => ids.length)).toEqual([500, 500, 100]);
  });
  test("item_10_an_id_is_asked_for_again_after_a_call_failed", async () => {
    const read = reader();
    read.mockRejectedValueOnce(new Error("away"));
    const names = new ProjectNames(read);
    names.of("a1");
    await vi.runAllTimersAsync();
    expect(names.of("a1")).toBe("a1");
    await vi.runAllTimersAsync();
    expect(names.of("a1")).toBe("core");
  });
  test("item_10_texts_have_names_in_place_of_ids", async () => {
    const names = new ProjectNames(reader());
    names.of("a1");
    await vi.runAllTimersAsync();
    expect(names.inText("waits for a1 (2 servers), not for a11 or b2.")).toBe("waits for core (2 servers), not for a11 or b2.");
  });
  test("item_10_names_that_are_the_same_in_two_domains_are_told_apart", async () => {
    const read = vi.fn((ids: string[]) => Promise.resolve(ids.map((projectId) => ({ projectId, name: "admin" }))));
    const names = new ProjectNames(read);
    names.of("0123456789");
    await vi.runAllTimersAsync();
    expect(names.of("0123456789")).toBe("admin");
    names.of("abcdefghij");
    await vi.runAllTimersAsync();
    expect([names.of("0123456789"), names.of("abcdefghij")]).toEqual(["admin (01234567)", "admin (abcdefgh)"]);
  });
  test("item_10_who_may_not_read_projects_sees_ids", async () => {
    const names = new ProjectNames();
    expect(names.of("a1")).toBe("a1");
    await vi.runAllTimersAsync();
    expect(names.of("a1")).toBe("a1");
  });
});
