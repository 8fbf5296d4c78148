// Which change requests touch a node: by its own lines, by those of what it holds, or by its file when the lines are not known.
import type { GraphEdge } from "@opentrace/contract/graph.ts";
import type { PullRequestState, Touch, TouchKind } from "@opentrace/contract/delivery.ts";
import { fileKey } from "@opentrace/contract/keys.ts";
import { adjacencyOf } from "../graph/adjacency.ts";
import { membersOf } from "../graph/members.ts";
import { type EdgeKey, edgeKeyText, findNode, publicNode, readEdges, readNodes } from "../graph/read-nodes.ts";
import type { StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";
import { edgeTypeNumbers, nodeTypeNumber } from "../graph/vocabulary.ts";
import { pathOf, repositoryPart } from "./places.ts";
import { textOf } from "./present.ts";

export interface Touching {
  node: StoredNode;
  how: TouchKind;
  /** Edges CHANGES from it. */
  edges: EdgeKey[];
}

const changes = edgeTypeNumbers(["CHANGES"])[0]!;
const mostMembers = 5_000;
const mostFound = 5_000;
const touchesShown = 20;

export const stateOf = (node: { props: Record<string, unknown> }): PullRequestState => {
  const { state } = node.props;
  return state === "merged" ? "merged" : state === "open" || state === "opened" ? "open" : "closed";
};

/** Newest change first, open ones before others. `complete` is false when a bound cut the search. */
export async function touching(
  view: GraphView,
  places: readonly StoredNode[],
): Promise<{ found: Touching[]; complete: boolean }> {
  const adjacency = adjacencyOf(view);
  const pull = nodeTypeNumber("PullRequest")!;
  const members = await membersOf(adjacency, places, mostMembers, view.signal);
  const edges = new Map<number, EdgeKey[]>();
  const own = new Set(places.map((place) => place.number));
  const whole = await adjacency.expand(
    [...members.steps.keys()],
    false,
    new Set([changes]),
    (to, from, type, _c, kind) => {
      if (kind !== pull || (edges.size >= mostFound && !edges.has(from))) return;
      const known = edges.get(from);
      if (known === undefined) edges.set(from, [{ src: from, type, dst: to }]);
      else if (!known.some((edge) => edge.dst === to)) known.push({ src: from, type, dst: to });
    },
  );
  const byFile = await filesWithoutLines(view, places, edges);
  const nodes = await readNodes(view, [...edges.keys(), ...byFile.keys()]);
  const found: Touching[] = [];
  for (const [id, keys] of [...edges, ...byFile]) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    const how = byFile.has(id) ? "file" : keys.some((key) => own.has(key.dst)) ? "itself" : "part";
    // What it changes of the node itself is said first.
    found.push({ node, how, edges: keys.toSorted((a, b) => Number(own.has(b.dst)) - Number(own.has(a.dst))) });
  }
  found.sort(openAndNewestFirst);
  return { found, complete: members.complete && whole && edges.size < mostFound };
}

/** Change requests whose changed lines in the file of a symbol are not told (a large or binary diff): they may touch it. */
async function filesWithoutLines(
  view: GraphView,
  places: readonly StoredNode[],
  known: ReadonlyMap<number, unknown>,
): Promise<Map<number, EdgeKey[]>> {
  const keys: EdgeKey[] = [];
  const adjacency = adjacencyOf(view);
  const pull = nodeTypeNumber("PullRequest")!;
  for (const place of places) {
    const [repository, path] = [repositoryPart(place.key), pathOf(place.key)];
    if (!place.key.startsWith("symbol:") || repository === null || path === null) continue;
    const file = await findNode(view, fileKey(repository, path));
    if (file === null) continue;
    await adjacency.expand([file.number], false, new Set([changes]), (to, from, type, _confidence, kind) => {
      if (kind === pull && !known.has(from) && keys.length < mostFound) keys.push({ src: from, type, dst: to });
    });
  }
  const edges = await readEdges(view, keys);
  const found = new Map<number, EdgeKey[]>();
  for (const key of keys) if (!hasLines(edges.get(edgeKeyText(key)))) found.set(key.src, [key]);
  return found;
}

const hasLines = (edge: GraphEdge | undefined): boolean => edge === undefined || Array.isArray(edge.props["lines"]);

const openAndNewestFirst = (a: Touching, b: Touching): number =>
  Number(stateOf(b.node) === "open") - Number(stateOf(a.node) === "open") ||
  (textOf(a.node, "updatedAt") < textOf(b.node, "updatedAt") ? 1 : -1);

/** The edges of one page of them, with the nodes that they lead to. */
export async function readTouches(view: GraphView, shown: readonly Touching[]): Promise<Map<number, Touch[]>> {
  const keys = shown.flatMap((one) => one.edges.slice(0, touchesShown));
  const edges = await readEdges(view, keys);
  const nodes = await readNodes(
    view,
    keys.map((key) => key.dst),
  );
  return new Map(
    shown.map((one) => [
      one.node.number,
      one.edges.slice(0, touchesShown).flatMap((key) => {
        const [edge, node] = [edges.get(edgeKeyText(key)), nodes.get(key.dst)];
        return edge === undefined || node === undefined ? [] : [{ node: publicNode(node), edge }];
      }),
    ]),
  );
}
