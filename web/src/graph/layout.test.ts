import { expect, test } from "vitest";
import { growth } from "@opentrace/contract/testing/count-work.ts";
import { layOut, type LayoutNode } from "./layout.ts";

const star = (leaves: number): { nodes: LayoutNode[]; links: { from: string; to: string }[] } => ({
  nodes: [
    { id: "hub", parent: null, fixed: false, radius: 16 },
    ...Array.from({ length: leaves }, (_, index) => ({ id: `n${index}`, parent: "hub", fixed: false, radius: 16 })),
  ],
  links: Array.from({ length: leaves }, (_, index) => ({ from: "hub", to: `n${index}` })),
});

const distance = (a: { x: number; y: number }, b: { x: number; y: number }): number => Math.hypot(a.x - b.x, a.y - b.y);

test("the same graph is laid out the same way twice", () => {
  expect(layOut(star(30))).toEqual(layOut(star(30)));
});

test("no two nodes lie on each other, even around a hub of two hundred", () => {
  const placed = Object.values(layOut(star(200)));
  let closest = Number.POSITIVE_INFINITY;
  for (const [index, one] of placed.entries())
    for (const other of placed.slice(index + 1)) closest = Math.min(closest, distance(one, other));
  expect(closest).toBeGreaterThan(20);
});

test("pinned nodes do not move, and opening more moves what was there only a little", () => {
  const before = layOut(star(12));
  const nodes = star(24).nodes.map((node) => ({ ...node, ...before[node.id], fixed: node.id === "n3" }));
  const after = layOut({ nodes, links: star(24).links });
  expect(after.n3).toEqual(before.n3);
  const hub = [before.hub, after.hub];
  expect(hub[0] && hub[1] ? distance(hub[0], hub[1]) : Number.NaN).toBeLessThan(120);
});

test("links to what is not there, and to oneself, are ignored", () => {
  const { nodes } = star(2);
  const placed = layOut({
    nodes,
    links: [
      { from: "hub", to: "gone" },
      { from: "hub", to: "hub" },
    ],
  });
  expect(Object.values(placed).every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
});

test("three hundred nodes are laid out with the same work for each as half as many", () => {
  const lay = (leaves: number): void => expect(Object.keys(layOut(star(leaves)))).toHaveLength(leaves + 1);
  expect(growth(lay, 150, 2)).toBeLessThan(1.3);
});
