import { describe, expect, it } from "vitest";
import { grouped, plural } from "./output.ts";

describe("a number", () => {
  it("is written as in English", () => {
    for (const count of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890])
      expect(grouped(count)).toBe(count.toLocaleString("en"));
    expect([plural(1, "file"), plural(2_000, "file")]).toEqual(["1 file", "2,000 files"]);
  });
});
