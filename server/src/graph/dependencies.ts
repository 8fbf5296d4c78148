// What a node depends on, what depends on it, and free traversals: every node within some hops with the way to it.
import { z } from "zod";
import { TraversalAnswer } from "@opentrace/contract/graph-answers.ts";
import { dependencyEdgeTypes, Direction, EdgeType, type NodeType } from "@opentrace/contract/graph.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import { adjacencyOf } from "./adjacency.ts";
import { cursorField, edgeTypesField, limitField, nodeReference, nodeTypesField } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { membersOf } from "./members.ts";
import { publicId } from "./node-id.ts";
import { compactEdge, compactNode, presentList } from "./present.ts";
import { edgeKeyText, needNode, publicNode, readEdges, readNodes, type StoredNode } from "./read-nodes.ts";
import { decodeCursor, encodeCursor, type GraphDeps, isOffset, offsetCursor, openView } from "./view.ts";
import { edgeTypeNumbers, nodeTypeNumber, nodeTypeNumbers } from "./vocabulary.ts";
import { type Step, walk, wayTo } from "./walk.ts";

const maxMembers = 2_000;
const maxReached = 10_000;

interface Question {
  id: string;
  direction: Direction;
  depth: number;
  edgeTypes: readonly EdgeType[] | null;
  nodeTypes?: NodeType[] | undefined;
  /** Start from what the node holds, too. */
  members: boolean;
  limit: number;
  cursor?: string | undefined;
}

async function traverse(deps: GraphDeps, ctx: VerbContext, question: Question): Promise<TraversalAnswer> {
  const view = await openView(deps, ctx);
  const node = await needNode(view, question.id);
  const offset = decodeCursor(question.cursor, isOffset) ?? 0;
  const adjacency = adjacencyOf(view);
  const inside = question.members
    ? await membersOf(adjacency, [node], maxMembers, view.signal)
    : { steps: new Map([[node.number, startStep(node)]]), complete: true };
  const found = await walk({
    adjacency,
    starts: inside.steps,
    forward: question.direction !== "incoming",
    backward: question.direction !== "outgoing",
    edgeTypes: question.edgeTypes === null ? null : new Set(edgeTypeNumbers(question.edgeTypes)),
    maxDepth: question.depth,
    maxNodes: maxReached + inside.steps.size,
    signal: view.signal,
  });
  const types = question.nodeTypes === undefined ? null : new Set(nodeTypeNumbers(question.nodeTypes));
  const reached = [...found.steps.values()].filter(
    (step) => step.hop > 0 && (types === null || types.has(step.nodeType)),
  );
  reached.sort((a, b) => a.hop - b.hop || b.confidence - a.confidence || a.node - b.node);
  const shown = reached.slice(offset, offset + question.limit);
  const nodes = await readNodes(
    view,
    shown.map((step) => step.node),
  );
  const edges = await readEdges(
    view,
    shown.flatMap((step) => step.edge ?? []),
  );
  const items = shown.flatMap((step) => {
    const stored = nodes.get(step.node);
    const edge = step.edge === null ? undefined : edges.get(edgeKeyText(step.edge));
    if (stored === undefined || edge === undefined) return [];
    const way = wayTo(found.steps, step.node);
    // The way within the start, then the way out of it.
    const path = [...wayTo(inside.steps, way[0]!), ...way.slice(1)].map(publicId);
    return [{ node: publicNode(stored), hop: step.hop, edge, path }];
  });
  const complete = found.complete && inside.complete;
  const isLast = offset + shown.length >= reached.length;
  return {
    start: publicNode(node),
    direction: question.direction,
    reached: items,
    byHop: countByHop(reached),
    page: {
      returned: items.length,
      total: complete ? reached.length : null,
      truncated: !isLast || !complete,
      nextCursor: isLast ? null : encodeCursor(offset + shown.length),
    },
    freshness: await freshnessOf(view, { scopes: [node.scope, ...[...nodes.values()].map((one) => one.scope)] }),
  };
}

const startStep = (node: StoredNode): Step => ({
  node: node.number,
  nodeType: nodeTypeNumber(node.type)!,
  hop: 0,
  confidence: 1,
  before: null,
  edge: null,
});

export function countByHop(steps: readonly { hop: number }[]): { hop: number; count: number }[] {
  const counts = new Map<number, number>();
  for (const { hop } of steps) counts.set(hop, (counts.get(hop) ?? 0) + 1);
  return [...counts].map(([hop, count]) => ({ hop, count })).sort((a, b) => a.hop - b.hop);
}

const Input = z.strictObject({
  id: nodeReference,
  depth: z.int().min(1).max(10).default(3).describe("Hops to follow"),
  edgeTypes: edgeTypesField,
  nodeTypes: nodeTypesField,
  members: z
    .boolean()
    .default(true)
    .describe("Start from what the node holds (methods of a class, symbols of a file), too"),
  limit: limitField(100, 1_000),
  cursor: cursorField,
});

const compactReached = ({ reached }: TraversalAnswer): object[] =>
  reached.map(({ node, edge, hop }) => ({ node: compactNode(node), relationship: compactEdge(edge), depth: hop }));

export const dependenciesVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.dependencies",
    summary: "What a node depends on",
    description:
      "Everything that the node (and what it holds) imports, calls, extends or otherwise needs, by hop, each with the way to it. " +
      "`path` holds node ids from the start; hops count dependencies only.",
    permission: "graph:read",
    input: Input,
    output: TraversalAnswer,
    http: { method: "GET", path: "/graph/nodes/{id}/dependencies" },
    run: (ctx, input) =>
      traverse(deps, ctx, { ...input, direction: "outgoing", edgeTypes: input.edgeTypes ?? dependencyEdgeTypes }),
  });

export const dependentsVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.dependents",
    summary: "What depends on a node",
    description:
      "Everything that imports, calls, extends or otherwise needs the node (or what it holds), by hop, each with the way to it. " +
      "For the consequences of a change ask for its impact.",
    permission: "graph:read",
    input: Input,
    output: TraversalAnswer,
    http: { method: "GET", path: "/graph/nodes/{id}/dependents" },
    run: (ctx, input) =>
      traverse(deps, ctx, { ...input, direction: "incoming", edgeTypes: input.edgeTypes ?? dependencyEdgeTypes }),
  });

const TraverseInput = Input.omit({ members: true }).extend({
  direction: Direction.default("outgoing"),
});

const McpInput = z.strictObject({
  nodeId: nodeReference,
  depth: z.number().int().min(1).max(10).optional().describe("Hops to follow; 3 if absent"),
  direction: Direction.optional().describe("outgoing = what the node points to; incoming = what points to it"),
  relationship: z
    .union([EdgeType, z.array(EdgeType).min(1)])
    .optional()
    .describe("Only edges of this type, e.g. CALLS; any type if absent"),
  nodeTypes: nodeTypesField,
  limit: limitField(50, 500),
  cursor: cursorField,
  /** Names that older clients use. */
  maxDepth: z.number().int().min(1).max(10).optional().describe("Same as depth"),
  edgeTypes: edgeTypesField,
});

/** `traverse_dependencies_incoming` says its direction by its name. */
function directionOf(tool: string | undefined): Direction | undefined {
  if (tool?.endsWith("_incoming")) return "incoming";
  if (tool?.endsWith("_outgoing")) return "outgoing";
  return undefined;
}

export const traverseVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.traverse",
    summary: "Follow edges from a node",
    description:
      "Every node within some hops along edges of any or the given types, each with the edge it was reached by.",
    permission: "graph:read",
    input: TraverseInput,
    output: TraversalAnswer,
    http: { method: "GET", path: "/graph/nodes/{id}/traverse" },
    mcp: {
      tool: "traverse_graph",
      aliases: ["traverse_dependencies", "traverse_dependencies_incoming", "traverse_dependencies_outgoing"],
      input: McpInput,
      toInput: (input, tool) => {
        const { nodeId, depth, maxDepth, direction, relationship, edgeTypes, ...rest } = McpInput.parse(input);
        const types =
          relationship === undefined ? edgeTypes : Array.isArray(relationship) ? relationship : [relationship];
        return {
          ...rest,
          id: nodeId,
          depth: depth ?? maxDepth ?? 3,
          direction: direction ?? directionOf(tool) ?? "outgoing",
          ...(types === undefined ? {} : { edgeTypes: types }),
        };
      },
      present: (answer, budget) =>
        presentList({
          head: { start: compactNode(answer.start), direction: answer.direction, by_depth: answer.byHop },
          name: "results",
          items: compactReached(answer),
          page: answer.page,
          cursorAt: offsetCursor(answer.page),
          budget,
        }),
    },
    run: (ctx, input) => traverse(deps, ctx, { ...input, members: false, edgeTypes: input.edgeTypes ?? null }),
  });
