// How two nodes connect: the shortest way and alternatives, along the edges or in any direction, around hubs where possible.
import { z } from "zod";
import { type GraphPath, PathAnswer } from "@opentrace/contract/graph-answers.ts";
import { edgeTypes, type NodeType } from "@opentrace/contract/graph.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { adjacencyOf } from "./adjacency.ts";
import { edgeTypesField, nodeReference } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { createPace } from "./pace.ts";
import { compactEdge, compactNode, presentList } from "./present.ts";
import { type EdgeKey, edgeKeyText, needNode, publicNode, readEdges, readNodes } from "./read-nodes.ts";
import { type PathOptions, shortestPaths } from "./shortest-path.ts";
import { type GraphDeps, type GraphView, openView } from "./view.ts";
import { edgeTypeNumbers, nodeTypeNumbers } from "./vocabulary.ts";

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

/** Nearly everything is joined through these; a way through them says little, so they are tried last. */
const joints: readonly NodeType[] = ["Repository", "Directory", "Branch", "Commit", "Person", "Team"];
const jointNumbers = new Set(nodeTypeNumbers(joints));
const visitBudget = 60_000;

type Question = z.output<typeof Input>;

async function findPaths(view: GraphView, question: Question, from: number, to: number) {
  const types = question.edgeTypes;
  const base: Omit<PathOptions, "passable"> = {
    adjacency: adjacencyOf(view),
    direction: question.direction,
    edgeTypes: types === undefined ? null : new Set(edgeTypeNumbers(types)),
    maxLength: question.maxLength,
    budget: visitBudget,
    pace: createPace(),
    signal: view.signal,
  };
  const around = await shortestPaths(
    { ...base, passable: (_node, type) => !jointNumbers.has(type) },
    from,
    to,
    question.k,
  );
  if (around.paths.length > 0) return { ...around, detail: null };
  const through = await shortestPaths({ ...base, passable: () => true }, from, to, question.k);
  if (through.paths.length > 0)
    return { ...through, detail: "They connect only through a repository, directory, commit or person." };
  if (!through.complete)
    return { ...through, detail: `No way was found among the ${visitBudget} nodes that were looked at.` };
  const along = question.direction === "outgoing" ? " along the direction of the edges" : "";
  return { ...through, detail: `There is no way of at most ${question.maxLength} edges${along} between them.` };
}

/** All edges between neighbours on the ways, in both directions. */
function keysOf(question: Question, paths: readonly number[][]): EdgeKey[] {
  const types = edgeTypeNumbers(question.edgeTypes ?? edgeTypes);
  const keys: EdgeKey[] = [];
  for (const path of paths) {
    for (let at = 0; at + 1 < path.length; at++) {
      const [a, b] = [path[at]!, path[at + 1]!];
      for (const type of types) {
        keys.push({ src: a, type, dst: b });
        if (question.direction === "any") keys.push({ src: b, type, dst: a });
      }
    }
  }
  return keys;
}

async function describe(view: GraphView, question: Question, paths: readonly number[][]) {
  const nodes = await readNodes(view, [...new Set(paths.flat())]);
  const edges = await readEdges(view, keysOf(question, paths));
  const types = edgeTypeNumbers(question.edgeTypes ?? edgeTypes);
  const between = (src: number, dst: number) =>
    types.flatMap((type) => edges.get(edgeKeyText({ src, type, dst })) ?? []);
  const described: GraphPath[] = [];
  for (const path of paths) {
    const own = path.flatMap((number) => nodes.get(number) ?? []);
    if (own.length !== path.length) continue;
    let confidence = 1;
    const steps = path.slice(1).map((next, at) => {
      const along = between(path[at]!, next);
      const against = question.direction === "any" ? between(next, path[at]!) : [];
      const all = [...along, ...against];
      confidence *= Math.max(...all.flatMap((edge) => edge.provenance.map((claim) => claim.confidence)), 0);
      return { edges: all, forward: along.length > 0 };
    });
    described.push({
      nodes: own.map(publicNode),
      steps,
      length: path.length - 1,
      confidence: Math.round(confidence * 100) / 100,
    });
  }
  return { described, scopes: [...nodes.values()].map((node) => node.scope) };
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
      "The shortest ways between two nodes, with every edge of each step and its evidence. Ways through repositories, directories, " +
      "commits or people are given only when there is no other.",
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
      const found = await findPaths(view, input, from.number, to.number);
      const { described, scopes } = await describe(view, input, found.paths);
      return {
        from: publicNode(from),
        to: publicNode(to),
        paths: described,
        detail: found.detail,
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
