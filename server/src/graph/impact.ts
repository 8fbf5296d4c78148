// What is affected if a node, some lines or a diff changes: by hop, with the way, its evidence and confidence, and the risk in short.
import { z } from "zod";
import { AppError } from "@opentrace/contract/errors.ts";
import { ImpactAnswer } from "@opentrace/contract/graph-answers.ts";
import { containmentEdgeTypes, dependencyEdgeTypes } from "@opentrace/contract/graph.ts";
import { repositoryKey } from "@opentrace/contract/keys.ts";
import { defineVerb, type Verb, type VerbContext } from "../verb.ts";
import { type Adjacency, adjacencyOf } from "./adjacency.ts";
import { countByHop } from "./dependencies.ts";
import { cursorField, edgeTypesField, limitField, nodeReference, nodeTypesField } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { readAffected, riskOf } from "./impact-risk.ts";
import { addDiff, addLineRange, addNodes, addOverrides, emptySeeds, type Seeds, type TextOf } from "./impact-seeds.ts";
import { needFile, readLines } from "./indexed-text.ts";
import { publicId } from "./node-id.ts";
import { compactEdge, compactNode, presentList } from "./present.ts";
import { edgeKeyText, needNode, publicNode, readEdges, readNodes } from "./read-nodes.ts";
import type { SourceDeps } from "./source-files.ts";
import { parseUnifiedDiff } from "./unified-diff.ts";
import { decodeCursor, encodeCursor, type GraphView, isOffset, offsetCursor, openView } from "./view.ts";
import { edgeTypeNumbers, nodeTypeNumber, nodeTypeNumbers } from "./vocabulary.ts";
import { type Step, walk, wayTo } from "./walk.ts";

const maxAffected = 5_000;
const seedsShown = 50;

const shared = {
  depth: z.int().min(1).max(10).default(3).describe("Hops to follow"),
  edgeTypes: edgeTypesField,
  nodeTypes: nodeTypesField,
  containers: z
    .boolean()
    .default(false)
    .describe("Also taint what holds an affected node: a method's class, and the class's dependents"),
  limit: limitField(100, 1_000),
  cursor: cursorField,
};

const NodeInput = z.strictObject({ id: nodeReference, ...shared });

const Lines = z.strictObject({
  repository: z.string().max(2048).optional().describe("Key or name of the repository, when several have the file"),
  path: z.string().min(1).max(1024).describe("Path in the repository"),
  startLine: z.int().min(1),
  endLine: z.int().min(1).optional().describe("The start line if absent"),
});

const PostInput = z.strictObject({
  ids: z.array(nodeReference).min(1).max(200).optional().describe("Nodes that change, by id or key"),
  lines: z.array(Lines).min(1).max(200).optional().describe("Lines that change"),
  diff: z.string().min(1).max(900_000).optional().describe("A unified diff against the indexed commit"),
  repository: z.string().max(2048).optional().describe("Key or name of the diff's repository"),
  ...shared,
});

type Question = z.output<typeof PostInput>;

/** The text tells blank lines from code. A copy that is gone costs only that. */
const textFrom =
  (deps: SourceDeps, ctx: VerbContext, view: GraphView): TextOf =>
  async ({ key }) => {
    const [, repository, path] = /^file:([^#]*)#(.*)$/.exec(key) ?? [];
    if (repository === undefined || path === undefined) return null;
    const source = repositoryKey(repository);
    try {
      return await readLines(deps, ctx, source, await needFile(view, source, path));
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (error instanceof AppError) return null;
      throw error;
    }
  };

async function collectSeeds(view: GraphView, adjacency: Adjacency, question: Question, textOf: TextOf): Promise<Seeds> {
  const seeds = emptySeeds();
  if (question.ids !== undefined) {
    const nodes = [];
    for (const id of question.ids) nodes.push(await needNode(view, id));
    await addNodes(view, adjacency, seeds, nodes);
  }
  for (const lines of question.lines ?? []) {
    const endLine = lines.endLine ?? lines.startLine;
    if (endLine < lines.startLine) throw new AppError("bad_request", "endLine must not be before startLine.");
    await addLineRange(view, adjacency, seeds, { ...lines, endLine }, textOf);
  }
  if (question.diff !== undefined) {
    const files = parseUnifiedDiff(question.diff);
    if (files.length === 0)
      throw new AppError("bad_request", "The diff holds no file: send what `git diff` prints (unified format).");
    await addDiff(view, adjacency, seeds, files, question.repository);
  }
  await addOverrides(view, adjacency, seeds);
  return seeds;
}

const order = { asked: 0, lines: 1, overrides: 2, member: 3 } as const;

async function impact(deps: SourceDeps, ctx: VerbContext, question: Question): Promise<ImpactAnswer> {
  if (question.ids === undefined && question.lines === undefined && question.diff === undefined)
    throw new AppError("bad_request", "Say what changes: ids, lines or a diff.");
  const view = await openView(deps, ctx);
  const adjacency = adjacencyOf(view);
  const seeds = await collectSeeds(view, adjacency, question, textFrom(deps, ctx, view));
  const offset = decodeCursor(question.cursor, isOffset) ?? 0;
  const types = question.edgeTypes ?? dependencyEdgeTypes;
  const edgeTypes = new Set(edgeTypeNumbers([...types, ...(question.containers ? containmentEdgeTypes : [])]));
  const starts = new Map(
    [...seeds.byNumber].map(([number, { node, confidence }]) => [
      number,
      { nodeType: nodeTypeNumber(node.type)!, confidence },
    ]),
  );
  const found = await walk({
    adjacency,
    starts,
    forward: false,
    backward: true,
    edgeTypes,
    maxDepth: question.depth,
    maxNodes: maxAffected + starts.size,
    signal: view.signal,
  });
  const nodeTypes = question.nodeTypes === undefined ? null : new Set(nodeTypeNumbers(question.nodeTypes));
  const reached = [...found.steps.values()].filter(
    (step) => step.hop > 0 && (nodeTypes === null || nodeTypes.has(step.nodeType)),
  );
  const rows = await readAffected(
    view,
    reached.map((step) => step.node),
  );
  // A popular function is called by its tests first of all: what runs in production comes before them.
  const isTest = (step: Step): number => Number(rows.get(step.node)?.isTest ?? false);
  reached.sort((a, b) => a.hop - b.hop || isTest(a) - isTest(b) || b.confidence - a.confidence || a.node - b.node);
  const complete = found.complete && seeds.complete;
  const shown = reached.slice(offset, offset + question.limit);
  const { affected, scopes } = await describe(view, found.steps, shown);
  const isLast = offset + shown.length >= reached.length;
  const ordered = [...seeds.byNumber.values()].sort((a, b) => order[a.why] - order[b.why]);
  return {
    seeds: ordered.slice(0, seedsShown).map(({ node, why, detail }) => ({
      node: publicNode(node),
      why,
      ...(detail === undefined ? {} : { detail }),
    })),
    seedsTotal: seeds.byNumber.size,
    affected,
    byHop: countByHop(reached),
    risk: await riskOf(adjacency, seeds.byNumber, reached, rows, complete),
    unmatched: seeds.unmatched,
    page: {
      returned: affected.length,
      total: complete ? reached.length : null,
      truncated: !isLast || !complete,
      nextCursor: isLast ? null : encodeCursor(offset + shown.length),
    },
    freshness: await freshnessOf(view, {
      scopes: [...ordered.slice(0, seedsShown).map(({ node }) => node.scope), ...scopes],
    }),
  };
}

async function describe(view: GraphView, steps: ReadonlyMap<number, Step>, shown: readonly Step[]) {
  const nodes = await readNodes(
    view,
    shown.map((step) => step.node),
  );
  const edges = await readEdges(
    view,
    shown.flatMap((step) => step.edge ?? []),
  );
  const affected = shown.flatMap((step) => {
    const node = nodes.get(step.node);
    const edge = step.edge === null ? undefined : edges.get(edgeKeyText(step.edge));
    if (node === undefined || edge === undefined) return [];
    return {
      node: publicNode(node),
      hop: step.hop,
      confidence: Math.round(step.confidence * 100) / 100,
      edge,
      path: wayTo(steps, step.node).map(publicId),
    };
  });
  return { affected, scopes: [...nodes.values()].map((node) => node.scope) };
}

const presentImpact = (answer: ImpactAnswer, budget: number): unknown =>
  presentList({
    head: {
      risk: { ...answer.risk, untested: answer.risk.untested.slice(0, 5).map((node) => node.key) },
      changed: answer.seeds.slice(0, 10).map(({ node, why }) => ({ key: node.key, type: node.type, why })),
      changed_total: answer.seedsTotal,
      by_hop: answer.byHop,
      ...(answer.unmatched.length > 0 ? { unmatched: answer.unmatched.slice(0, 20) } : {}),
    },
    name: "affected",
    items: answer.affected.map(({ node, hop, confidence, edge }) => ({
      ...compactNode(node),
      hop,
      confidence,
      because: compactEdge(edge),
    })),
    page: answer.page,
    cursorAt: offsetCursor(answer.page),
    budget,
  });

export const impactVerb = (deps: SourceDeps): Verb =>
  defineVerb({
    name: "graph.impact",
    summary: "What a change of a node affects",
    description:
      "Everything that depends on the node or on what it holds, by hop, each with the shortest way and its confidence, and a summary " +
      "of the risk: how many, of which types, tests among them, public API, untested parts.",
    permission: "graph:read",
    input: NodeInput,
    output: ImpactAnswer,
    http: { method: "GET", path: "/graph/nodes/{id}/impact" },
    run: (ctx, { id, ...rest }) => impact(deps, ctx, { ...rest, ids: [id] }),
  });

export const impactOfChangeVerb = (deps: SourceDeps): Verb =>
  defineVerb({
    name: "graph.impactOfChange",
    summary: "What a change of nodes, lines or a diff affects",
    description:
      "Send ids of nodes, line ranges, or a unified diff against the indexed commit; answers what the change affects, by hop, with the " +
      "way, evidence and confidence of each, and a summary of the risk. Use it before a refactoring and when reviewing a pull request.",
    permission: "graph:read",
    input: PostInput,
    output: ImpactAnswer,
    http: { method: "POST", path: "/graph/impact" },
    mcp: {
      tool: "impact",
      input: PostInput.omit({ ids: true }).extend({
        nodeId: nodeReference.optional().describe("The node that changes, by id or key"),
        nodeIds: PostInput.shape.ids,
      }),
      toInput: ({ nodeId, nodeIds, ...rest }) => {
        const ids = [...((nodeIds as string[] | undefined) ?? []), ...(typeof nodeId === "string" ? [nodeId] : [])];
        return { ...rest, ...(ids.length === 0 ? {} : { ids }) };
      },
      present: presentImpact,
    },
    run: (ctx, input) => impact(deps, ctx, input),
  });
