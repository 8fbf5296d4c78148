import { expect, test } from "vitest";
import { nearestTowards } from "./nearest.ts";

const points = [
  { id: "middle", x: 0, y: 0 },
  { id: "right", x: 10, y: 1 },
  { id: "far right", x: 50, y: 0 },
  { id: "up", x: 1, y: 12 },
  { id: "left", x: -8, y: -2 },
];

test("arrow keys go to the closest node in their direction", () => {
  expect(nearestTowards(points, "middle", [1, 0])).toBe("right");
  expect(nearestTowards(points, "right", [1, 0])).toBe("far right");
  expect(nearestTowards(points, "middle", [0, 1])).toBe("up");
  expect(nearestTowards(points, "middle", [-1, 0])).toBe("left");
});

test("where there is none in that direction the selection stays, and without one the first is taken", () => {
  expect(nearestTowards(points, "far right", [1, 0])).toBeNull();
  expect(nearestTowards(points, null, [1, 0])).toBe("middle");
  expect(nearestTowards([], null, [1, 0])).toBeNull();
});
