import { expect, test } from "vitest";
import { secondsLeft } from "./seconds-left.ts";

// What a server told of an index of prometheus, which took 27 s.
const run = [
  [2.1, "reading", 320],
  [5.5, "reading", 978],
  [7.2, "resolving", 100],
  [12, "resolving", 350],
  [16.9, "resolving", 500],
  [22.1, "resolving", 700],
  [25.5, "resolving", 950],
] as const;

test("the time that is told to be left is about the time that was left, from the reading of files on", () => {
  for (const [elapsed, phase, filesDone] of run) {
    const told = secondsLeft({ phase, filesDone, filesTotal: 978 }, elapsed * 1_000) ?? Number.NaN;
    expect(told, `${phase} ${filesDone}`).toBeGreaterThan((27 - elapsed) * 0.6);
    expect(told, `${phase} ${filesDone}`).toBeLessThan((27 - elapsed) * 2 + 3);
  }
});

test("nothing is told before there is something to reckon with, and nothing is left at the end", () => {
  expect(secondsLeft({ phase: "listing", filesDone: 0, filesTotal: 0 }, 5_000)).toBeNull();
  expect(secondsLeft({ phase: "reading", filesDone: 1, filesTotal: 978 }, 5_000)).toBeNull();
  expect(secondsLeft({ phase: "reading", filesDone: 900, filesTotal: 978 }, 100)).toBeNull();
  expect(secondsLeft({ phase: "done", filesDone: 978, filesTotal: 978 }, 27_000)).toBe(0);
});
