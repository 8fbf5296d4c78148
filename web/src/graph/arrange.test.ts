import { expect, test } from "vitest";
import { emptyExplore, type ExploreState } from "../pages/explore/url.ts";
import { closeNode, hideNode, openNode, showMore, togglePin } from "./arrange.ts";
import { arrangementOf, emptyHistory, redo, remember, undo } from "./history.ts";

const state = (part: Partial<ExploreState>): ExploreState => ({ ...emptyExplore, ...part });

test("opening a node shows its first neighbours and selects it; opening it again shows more", () => {
  const once = state(openNode(emptyExplore, "a"));
  expect(once).toMatchObject({ open: [{ id: "a", count: 12 }], select: "a" });
  expect(openNode(once, "a")).toMatchObject({ open: [{ id: "a", count: 36 }] });
});

test("opening a hidden node shows it again", () => {
  expect(openNode(state({ hide: ["a", "b"] }), "a").hide).toEqual(["b"]);
});

test("a hub never shows more than the limit", () => {
  expect(showMore(state({ open: [{ id: "hub", count: 490 }] }), "hub").open).toEqual([{ id: "hub", count: 500 }]);
});

test("hiding a node closes it, unpins it and drops a selection that touches it", () => {
  const before = state({ open: [{ id: "a", count: 12 }], pin: ["a", "b"], select: "a~b" });
  expect(hideNode(before, "a")).toEqual({ open: [], pin: ["b"], hide: ["a"], select: null });
  expect(hideNode({ ...before, select: "c" }, "a")).not.toHaveProperty("select");
});

test("closing and pinning change nothing else", () => {
  const before = state({
    open: [
      { id: "a", count: 12 },
      { id: "b", count: 1 },
    ],
  });
  expect(closeNode(before, "a")).toEqual({ open: [{ id: "b", count: 1 }] });
  expect(togglePin(state({ pin: ["a"] }), "a")).toEqual({ pin: [] });
  expect(togglePin(state({ pin: ["a"] }), "b")).toEqual({ pin: ["a", "b"] });
});

test("undo brings every step back in order, redo repeats it, and a new step ends the redo", () => {
  const first = state({ open: [{ id: "a", count: 12 }] });
  const second = state({ open: [...first.open, { id: "b", count: 12 }] });
  let history = remember(remember(emptyHistory, emptyExplore), first);
  const back = undo(history, second);
  expect(back?.to).toEqual(arrangementOf(first));
  history = back?.history ?? emptyHistory;
  const again = redo(history, first);
  expect(again?.to).toEqual(arrangementOf(second));
  expect(redo(remember(history, first), second)).toBeNull();
  expect(undo(emptyHistory, first)).toBeNull();
});
