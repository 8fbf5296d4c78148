// How two nodes connect: the ways that say most, along the edges before any direction, around hubs where possible.
import { z } from "zod";
import { type GraphPath, PathAnswer } from "@opentrace/contract/graph-answers.ts";
import {
  containmentEdgeTypes,
  dependencyEdgeTypes,
  type EdgeType,
  edgeTypes,
  type NodeType,
} from "@opentrace/contract/graph.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { edgeTypesField, nodeReference } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { publicId } from "./node-id.ts";
import { createPace } from "./pace.ts";
import { compactEdge, compactNode, presentList } from "./present.ts";
import { type EdgeKey, edgeKeyText, needNode, publicNode, readEdges, readNodes } from "./read-nodes.ts";
import { type GraphDeps, type GraphView, openView } from "./view.ts";
import { edgeTypeNumbers, nodeTypeNumber, nodeTypeNumbers } from "./vocabulary.ts";
import { type WayGraph, openWayGraph } from "./way-graph.ts";
import { findWays, visitBudget, type WayRules, type Ways } from "./ways.ts";

const Input = z.strictObject({
  from: nodeReference,
  to: nodeReference,
  direction: z
    .enum(["any", "outgoing"])
    .default("any")
    .describe("outgoing = along the edges only: how `from` depends on or holds `to`"),
  edgeTypes: edgeTypesField,
  maxLength: z.int().min(1).max(12).default(6).describe("Longest way, in edges"),
  k: z.int().min(1).max(10).default(3).describe("At most so many ways"),
});

/** Nearly everything is joined through these: a way through them says little. */
const places: readonly NodeType[] = ["Repository", "Directory", "Branch", "Commit", "Person", "Team"];
const placeNumbers = new Set(nodeTypeNumbers(places));
const packageNumber = nodeTypeNumber("Package")!;
/** What more nodes than this are joined to (a logger, a rounding function) says nothing about two of them. */
const hubDegree = 200;

/** Among ways of the same length: what needs what, before mere references, before what is kept where, before who touched it. */
const edgeCosts = edgeTypes.map((type) => {
  if (type === "REFERENCES" || type === "TESTS") return 1;
  if ((dependencyEdgeTypes as readonly EdgeType[]).includes(type)) return 0;
  return (containmentEdgeTypes as readonly EdgeType[]).includes(type) ? 2 : 3;
});

type Question = z.output<typeof Input>;
type How = NonNullable<PathAnswer["how"]>;

/** From what says most of how two nodes connect to what says least; the first that leads anywhere is the answer. */
interface Reading {
  how: How;
  rules: Pick<WayRules, "direction" | "passable" | "mostEdges">;
}
const notPlaces = (type: number): boolean => !placeNumbers.has(type);
const all = { mostEdges: Infinity, passable: () => true };
const readings: readonly Reading[] = [
  { how: "forward", rules: { direction: "along", passable: notPlaces, mostEdges: Infinity } },
  { how: "backward", rules: { direction: "along", passable: notPlaces, mostEdges: Infinity } },
  {
    how: "mixed",
    rules: {
      direction: "any",
      passable: (type) => notPlaces(type) && type !== packageNumber,
      mostEdges: hubDegree,
    },
  },
  { how: "hub", rules: { direction: "any", passable: notPlaces, mostEdges: Infinity } },
  { how: "place", rules: { direction: "any", ...all } },
];
const outgoingReadings: readonly Reading[] = [readings[0]!, { how: "place", rules: { direction: "along", ...all } }];

interface Found extends Ways {
  how: How | null;
  /** Of a way through a hub: the node that most are joined to. */
  hub: { id: number; degree: number } | null;
}

async function findPaths(
  view: GraphView,
  graph: WayGraph,
  question: Question,
  from: number,
  to: number,
): Promise<Found> {
  const wanted = question.edgeTypes === undefined ? null : new Set<EdgeType>(question.edgeTypes);
  const costs = edgeTypes.map((type, number) => (wanted === null || wanted.has(type) ? edgeCosts[number]! : null));
  const limits = { pace: createPace(), signal: view.signal };
  let complete = true;
  for (const { how, rules } of question.direction === "outgoing" ? outgoingReadings : readings) {
    const ends = how === "backward" ? { from: to, to: from } : { from, to };
    const all = { ...rules, edgeCosts: costs, maxLength: question.maxLength };
    const found = await findWays(graph, all, limits, ends, question.k);
    if (!found.complete) complete = false;
    if (found.ways.length === 0) continue;
    const ways = how === "backward" ? found.ways.map((way) => way.toReversed()) : found.ways;
    return { ways, complete: found.complete, how, hub: how === "hub" ? hubOf(graph, ways[0]!) : null };
  }
  return { ways: [], complete, how: null, hub: null };
}

function hubOf(graph: WayGraph, way: readonly number[]): Found["hub"] {
  const inner = way.slice(1, -1).map((id) => graph.placeOf(id));
  const [first] = inner.toSorted(
    (a, b) =>
      Number(graph.typeOf(b) === packageNumber) - Number(graph.typeOf(a) === packageNumber) ||
      graph.degreeOf(b) - graph.degreeOf(a),
  );
  return first === undefined ? null : { id: graph.idOf(first), degree: graph.degreeOf(first) };
}

/** What a reader should know of the ways before believing them; null for plain ones. */
function detailOf(question: Question, found: Found, names: Record<"from" | "to" | "hub", string>): string | null {
  switch (found.how) {
    case "forward":
      return null;
    case "backward":
      return `The edges lead from "${names.to}" to "${names.from}": the second depends on the first, or holds it.`;
    case "mixed":
      return "Neither leads to the other along the edges: these ways change direction.";
    case "hub":
      return `They connect only through what many others use: "${names.hub}" has ${found.hub?.degree ?? 0} edges. That says little.`;
    case "place":
      return "They connect only through a repository, directory, commit or person.";
    case null: {
      if (!found.complete) return `No way was found among the ${visitBudget} nodes that were looked at.`;
      const along = question.direction === "outgoing" ? " along the direction of the edges" : "";
      return `There is no way of at most ${question.maxLength} edges${along} between them.`;
    }
  }
}

/** All edges between neighbours on the ways, by `a b`: along the way first. */
function edgesOn(graph: WayGraph, question: Question, ways: readonly number[][]): Map<string, EdgeKey[]> {
  const wanted = question.edgeTypes === undefined ? null : new Set(edgeTypeNumbers(question.edgeTypes));
  const steps = new Map<string, EdgeKey[]>();
  const add = (keys: EdgeKey[], src: number, dst: number): void => {
    const other = graph.placeOf(dst);
    graph.forEachEdge(graph.placeOf(src), true, (end, type) => {
      if (end === other && (wanted === null || wanted.has(type))) keys.push({ src, type, dst });
    });
  };
  for (const way of ways) {
    for (let at = 0; at + 1 < way.length; at++) {
      const [a, b] = [way[at]!, way[at + 1]!];
      if (steps.has(`${a} ${b}`)) continue;
      const keys: EdgeKey[] = [];
      add(keys, a, b);
      if (question.direction === "any") add(keys, b, a);
      steps.set(`${a} ${b}`, keys);
    }
  }
  return steps;
}

async function describe(view: GraphView, graph: WayGraph, question: Question, ways: readonly number[][]) {
  const nodes = await readNodes(view, [...new Set(ways.flat())]);
  const steps = edgesOn(graph, question, ways);
  const edges = await readEdges(view, [...steps.values()].flat());
  const described: GraphPath[] = [];
  for (const way of ways) {
    const own = way.flatMap((number) => nodes.get(number) ?? []);
    // What went while we searched is no way.
    const isThere = way
      .slice(1)
      .every((next, at) => steps.get(`${way[at]} ${next}`)?.some((key) => edges.has(edgeKeyText(key))));
    if (own.length !== way.length || !isThere) continue;
    let confidence = 1;
    const told = way.slice(1).map((next, at) => {
      const keys = steps.get(`${way[at]} ${next}`) ?? [];
      const between = keys.flatMap((key) => edges.get(edgeKeyText(key)) ?? []);
      confidence *= Math.max(...between.flatMap((edge) => edge.provenance.map((claim) => claim.confidence)), 0);
      return { edges: between, forward: between[0]?.from === publicId(way[at]!) };
    });
    described.push({
      nodes: own.map(publicNode),
      steps: told,
      length: way.length - 1,
      confidence: Math.round(confidence * 100) / 100,
    });
  }
  return {
    described,
    scopes: [...nodes.values()].map((node) => node.scope),
    nameOf: (number: number): string => nodes.get(number)?.name ?? "",
  };
}

/** `placeOrder -CALLS→ charge ←DEFINES- PayService`, with the evidence of each step. */
function compactPath(path: GraphPath): object {
  const way = path.nodes.map((node, at) => {
    const step = path.steps[at - 1];
    if (step === undefined) return node.name;
    const types = [...new Set(step.edges.map((edge) => edge.type))].join("+");
    return `${step.forward ? `-${types}→` : `←${types}-`} ${node.name}`;
  });
  return {
    way: way.join(" "),
    length: path.length,
    confidence: path.confidence,
    nodes: path.nodes.map(compactNode),
    steps: path.steps.map((step) => step.edges.map(compactEdge).join("; ")),
  };
}

export const pathVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.path",
    summary: "How two nodes connect",
    description:
      "How one node leads to another, with every edge of each step and its evidence: along the edges first, then against them, then " +
      "in changing directions; through what very many share, or through repositories, directories, commits or people, only when there " +
      "is no other way (`how` and `detail` tell). Of ways of the same length those that say most come first.",
    permission: "graph:read",
    input: Input,
    output: PathAnswer,
    http: { method: "GET", path: "/graph/path" },
    mcp: {
      tool: "find_path",
      present: (answer, budget) =>
        presentList({
          head: {
            from: compactNode(answer.from),
            to: compactNode(answer.to),
            ...(answer.detail === null ? {} : { note: answer.detail }),
          },
          name: "paths",
          items: answer.paths.map(compactPath),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const from = await needNode(view, input.from);
      const to = await needNode(view, input.to);
      const graph = await openWayGraph(view, [from.number, to.number]);
      const found = await findPaths(view, graph, input, from.number, to.number);
      const { described, scopes, nameOf } = await describe(view, graph, input, found.ways);
      const names = { from: from.name, to: to.name, hub: found.hub === null ? "" : nameOf(found.hub.id) };
      return {
        from: publicNode(from),
        to: publicNode(to),
        paths: described,
        how: described.length === 0 ? null : found.how,
        detail: detailOf(input, found, names),
        page: {
          returned: described.length,
          total: null,
          truncated: !found.complete || described.length === input.k,
          nextCursor: null,
        },
        freshness: await freshnessOf(view, { scopes: [from.scope, to.scope, ...scopes] }),
      };
    },
  });
