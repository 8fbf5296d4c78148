import type { EdgeType, GraphEdge, GraphNode, NodeType } from "@opentrace/contract/graph.ts";
import { expect, test } from "vitest";
import { buildScene, linkKey, type Neighborhood, type SceneInput, sceneRows, sceneTypes } from "./scene.ts";

const node = (id: string, type: NodeType = "Function"): GraphNode => ({
  id,
  key: `symbol:r#${id}.ts#${id}`,
  type,
  name: id,
  props: {},
});
const edge = (from: string, to: string, type: EdgeType = "CALLS"): GraphEdge => ({
  from,
  to,
  type,
  props: {},
  provenance: [],
});
const around = (
  center: GraphNode,
  neighbors: Neighborhood["neighbors"],
  total: number | null = neighbors.length,
): [string, Neighborhood] => [center.id, { node: center, neighbors, total }];
const build = (input: Partial<SceneInput>): ReturnType<typeof buildScene> =>
  buildScene({ open: [], loaded: new Map(), trail: null, hide: [], pin: [], types: [], edges: [], ...input });

const calls = (id: string): Neighborhood["neighbors"][number] => ({ node: node(id), edges: [edge("a", id)] });

test("an open node shows as many neighbours as asked for, and says how many more there are", () => {
  const loaded = new Map([around(node("a"), [calls("b"), calls("c"), calls("d")], 40)]);
  const scene = build({ open: [{ id: "a", count: 2 }], loaded });
  expect([...scene.nodes.keys()]).toEqual(["a", "b", "c"]);
  expect(scene.nodes.get("a")).toMatchObject({ open: true, more: 38, degree: 2, parent: null });
  expect(scene.nodes.get("b")).toMatchObject({ open: false, parent: "a", degree: 1 });
});

test("what is hidden is not shown, whatever opens it, and takes its links along", () => {
  const loaded = new Map([around(node("a"), [calls("b"), calls("c")])]);
  const scene = build({ open: [{ id: "a", count: 9 }], loaded, hide: ["b"] });
  expect([...scene.nodes.keys()]).toEqual(["a", "c"]);
  expect([...scene.links.keys()]).toEqual([linkKey("a", "c")]);
});

test("hiding an open node closes the neighbours that came through it alone", () => {
  const loaded = new Map([
    around(node("a"), [calls("b")]),
    around(node("z"), [{ node: node("y"), edges: [edge("z", "y")] }]),
  ]);
  const scene = build({
    open: [
      { id: "a", count: 9 },
      { id: "z", count: 9 },
    ],
    loaded,
    hide: ["a"],
  });
  expect([...scene.nodes.keys()].sort()).toEqual(["y", "z"]);
});

test("two open nodes share a neighbour once, with both its links", () => {
  const loaded = new Map([
    around(node("a"), [calls("s")]),
    around(node("b"), [{ node: node("s"), edges: [edge("s", "b", "IMPORTS")] }]),
  ]);
  const scene = build({
    open: [
      { id: "a", count: 9 },
      { id: "b", count: 9 },
    ],
    loaded,
  });
  expect(scene.nodes.size).toBe(3);
  expect([...scene.links.keys()].sort()).toEqual(["a~s", "s~b"]);
  expect(scene.nodes.get("s")?.degree).toBe(2);
});

test("a neighbour beyond the count that is on the canvas anyway still gets its line", () => {
  const loaded = new Map([around(node("a"), [calls("b"), calls("c")]), around(node("c"), [])]);
  const scene = build({
    open: [
      { id: "a", count: 1 },
      { id: "c", count: 9 },
    ],
    loaded,
  });
  expect([...scene.links.keys()].sort()).toEqual(["a~b", "a~c"]);
});

test("edges of several types between two nodes are one link that holds each type once", () => {
  const loaded = new Map([
    around(node("a"), [{ node: node("b"), edges: [edge("a", "b"), edge("a", "b", "IMPORTS"), edge("b", "a")] }]),
  ]);
  const scene = build({
    open: [
      { id: "a", count: 9 },
      { id: "b", count: 9 },
    ],
    loaded: new Map([...loaded, around(node("b"), [{ node: node("a"), edges: [edge("a", "b"), edge("b", "a")] }])]),
  });
  expect(scene.links.get("a~b")?.edges.map(({ type }) => type)).toEqual(["CALLS", "IMPORTS"]);
  expect(scene.links.get("b~a")?.edges.map(({ type }) => type)).toEqual(["CALLS"]);
});

test("filters leave out nodes and edges of other types, but never what a person opened", () => {
  const loaded = new Map([
    around(node("a", "Class"), [
      { node: node("m", "Method"), edges: [edge("a", "m", "DEFINES")] },
      { node: node("f", "File"), edges: [edge("f", "a", "DEFINES")] },
      { node: node("n", "Method"), edges: [edge("n", "a", "CALLS")] },
    ]),
  ]);
  const scene = build({ open: [{ id: "a", count: 9 }], loaded, types: ["Method"], edges: ["DEFINES"] });
  expect([...scene.nodes.keys()]).toEqual(["a", "m"]);
});

test("a trail is shown in order with its edges, even where no neighbourhood is open", () => {
  const trail = { nodes: [node("a"), node("b"), node("c")], edges: [edge("a", "b"), edge("b", "c", "IMPORTS")] };
  const scene = build({ trail });
  expect(scene.trail).toEqual(["a", "b", "c"]);
  expect([...scene.links.keys()]).toEqual(["a~b", "b~c"]);
});

test("what is open but not loaded yet is left out instead of guessed", () => {
  expect(build({ open: [{ id: "later", count: 12 }] }).nodes.size).toBe(0);
});

test("a node that calls itself counts that link once", () => {
  const loaded = new Map([around(node("a"), [{ node: node("a"), edges: [edge("a", "a")] }])]);
  expect(build({ open: [{ id: "a", count: 9 }], loaded }).nodes.get("a")?.degree).toBe(1);
});

test("the table's rows are exactly the canvas' nodes, with the types of their links", () => {
  const loaded = new Map([
    around(node("a"), [calls("b"), { node: node("c", "File"), edges: [edge("c", "a", "DEFINES")] }]),
  ]);
  const scene = build({ open: [{ id: "a", count: 9 }], loaded });
  expect(sceneRows(scene).map((row) => [row.node.id, row.degree, row.edgeTypes])).toEqual([
    ["a", 2, ["CALLS", "DEFINES"]],
    ["b", 1, ["CALLS"]],
    ["c", 1, ["DEFINES"]],
  ]);
  expect(sceneTypes(scene)).toEqual({
    nodes: [
      ["Function", 2],
      ["File", 1],
    ],
    edges: [
      ["CALLS", 1],
      ["DEFINES", 1],
    ],
  });
});
