import fc from "fast-check";
import { edgeTypes, nodeTypes } from "@opentrace/contract/graph.ts";
import { expect, test } from "vitest";
import { onlyStrings, parseSearchStrings, writeSearchStrings } from "../app/search-strings.ts";
import {
  changeKinds,
  emptyExplore,
  type ExploreState,
  exploreSearch,
  exploreViews,
  panelTabs,
  parseExplore,
  selectedEdge,
  sortKeys,
} from "./explore/url.ts";
import { parseRepository, repositorySearch } from "./repository/url.ts";
import { parseLines, parseSource, sourceSearch } from "./source/url.ts";

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,24}$/);
const ids = fc.uniqueArray(id, { maxLength: 5 });
const state: fc.Arbitrary<ExploreState> = fc.record({
  view: fc.constantFrom(...exploreViews),
  open: fc.uniqueArray(fc.record({ id, count: fc.integer({ min: 0, max: 500 }) }), {
    maxLength: 5,
    selector: (each) => each.id,
  }),
  trail: fc.option(fc.record({ from: id, to: id, index: fc.integer({ min: 0, max: 9 }) })),
  hide: ids,
  pin: ids,
  select: fc.option(id),
  tab: fc.constantFrom(...panelTabs),
  types: fc.uniqueArray(fc.constantFrom(...nodeTypes), { maxLength: 4 }),
  edges: fc.uniqueArray(fc.constantFrom(...edgeTypes), { maxLength: 4 }),
  from: fc.option(id),
  to: fc.option(id),
  k: fc.integer({ min: 1, max: 10 }),
  direction: fc.constantFrom("any" as const, "outgoing" as const),
  by: fc.constantFrom(...changeKinds),
  of: fc.option(id),
  repository: fc.option(fc.constantFrom("repo:github.com/acme/shop", "repo:local/srv/git/odd name")),
  path: fc.string(),
  lines: fc.option(
    fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 50 })).map(([start, more]) => ({
      start,
      end: start + more,
    })),
  ),
  diff: fc.option(fc.stringMatching(/^[zk][A-Za-z0-9_-]{1,40}$/)),
  depth: fc.integer({ min: 1, max: 8 }),
  hop: fc.integer({ min: 0, max: 10 }),
  sort: fc.option(fc.record({ key: fc.constantFrom(...sortKeys), descending: fc.boolean() })),
  type: fc.option(fc.constantFrom(...nodeTypes)),
  q: fc.string(),
  among: fc.uniqueArray(fc.constantFrom(...nodeTypes), { maxLength: 3 }),
});

test("whatever the explorer shows survives the way through the address bar", () => {
  fc.assert(
    fc.property(state, (shown) => {
      const address = writeSearchStrings(exploreSearch(shown));
      expect(parseExplore(onlyStrings(parseSearchStrings(address)))).toEqual(shown);
    }),
  );
});

test("a hand-written address with nonsense in it gives the nearest sensible state", () => {
  const search = parseSearchStrings(
    "?view=pie&open=a:9999,,b:x,c:-4&k=0&depth=99&types=Nope,Class&edges=CALLS,,&trail=a",
  );
  expect(parseExplore(onlyStrings(search))).toMatchObject({
    view: "graph",
    open: [
      { id: "a", count: 500 },
      { id: "b", count: 12 },
      { id: "c", count: 0 },
    ],
    k: 1,
    depth: 10,
    types: ["Class"],
    edges: ["CALLS"],
    trail: null,
  });
});

test("defaults are not written, so that an address stays short", () => {
  expect(writeSearchStrings(exploreSearch(emptyExplore))).toBe("");
  expect(
    writeSearchStrings(
      exploreSearch({
        open: [
          { id: "n1", count: 12 },
          { id: "n2", count: 36 },
        ],
      }),
    ),
  ).toBe("?open=n1,n2:36");
});

test("an edge is selected by its two ends, a node by its id", () => {
  expect(selectedEdge("a~b")).toEqual({ from: "a", to: "b" });
  expect(selectedEdge("a")).toBeNull();
  expect(selectedEdge(null)).toBeNull();
});

test("a place in source survives the way through the address, odd paths too", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 50 }),
      (path, start, more) => {
        const place = { repository: "repo:github.com/acme/shop", path, lines: { start, end: start + more } };
        expect(parseSource(onlyStrings(parseSearchStrings(writeSearchStrings(sourceSearch(place)))))).toEqual(place);
      },
    ),
  );
});

test("lines are a number or a range, put right when turned round, and nothing else", () => {
  expect(parseLines("12")).toEqual({ start: 12, end: 12 });
  expect(parseLines("40-12")).toEqual({ start: 12, end: 40 });
  for (const wrong of ["", "0", "a", "1-", "-3", "1-2-3", undefined]) expect(parseLines(wrong)).toBeNull();
});

test("a reason that does not exist lists every skipped file", () => {
  expect(parseRepository({ skipped: "nope", filter: "img" })).toEqual({ reason: null, filter: "img" });
  expect(parseRepository(repositorySearch({ reason: "binary", filter: "" }))).toEqual({ reason: "binary", filter: "" });
});
