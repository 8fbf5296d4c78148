// The graph's change log as people read it: what changed in what runs and depends on what, near something and since a time.
import { z } from "zod";
import { type TopologyChange, TopologyChanges } from "@opentrace/contract/topology.ts";
import type { EdgeType } from "@opentrace/contract/graph.ts";
import type { TopologyChangesTable } from "../store/graph-tables.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { adjacencyOf } from "./adjacency.ts";
import { cursorField, limitField, nodeReference } from "./filters.ts";
import { freshnessOf } from "./freshness.ts";
import { membersOf } from "./members.ts";
import { nodeId, publicId } from "./node-id.ts";
import { compactNode, presentList } from "./present.ts";
import { findNode, needNode, publicNode, type StoredNode } from "./read-nodes.ts";
import { keptForMs, topologyEdgeTypes, type TopologyFact } from "./record-topology.ts";
import { decodeCursor, encodeCursor, type GraphDeps, type GraphView, openView } from "./view.ts";
import { edgeTypeNumbers, edgeTypeOf, nodeTypeOf } from "./vocabulary.ts";
import { walk } from "./walk.ts";

export interface RecordedChange extends TopologyChange {
  /** When it was seen, and when its source had been read before, in milliseconds. */
  seenAt: number;
  seenAfter: number;
  /** Numbers of its ends, for walks. */
  ends: readonly number[];
}

const rowsAtOnce = 500;
const mostMembers = 20_000;
const mostNear = 20_000;

type Place = [version: number, place: number];
const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) && value.length === 2 && value.every((one) => Number.isSafeInteger(one));

interface Asked {
  /** Milliseconds; the first exclusive, the last inclusive. */
  since: number;
  until: number;
  limit: number;
  after?: Place | null;
  keep?(ends: readonly number[], source: string): boolean;
}

/** Newest first; `next` is where a further page goes on. */
export async function readTopologyChanges(
  view: GraphView,
  { since, until, limit, after = null, keep = () => true }: Asked,
): Promise<{ changes: RecordedChange[]; next: Place | null }> {
  const changes: RecordedChange[] = [];
  let last = after;
  for (;;) {
    view.signal.throwIfAborted();
    let query = view.db
      .selectFrom("topology_changes")
      .selectAll()
      .where("workspace", "=", view.workspace)
      .where("at", ">", since)
      .where("at", "<=", until);
    if (last !== null) {
      const [version, place] = last;
      query = query.where(({ eb, or, and }) =>
        or([eb("version", "<", version), and([eb("version", "=", version), eb("place", ">", place)])]),
      );
    }
    const rows = await query.orderBy("version", "desc").orderBy("place").limit(rowsAtOnce).execute();
    for (const row of rows) {
      const ends = row.other === null ? [row.node] : [row.node, row.other];
      if (keep(ends, row.source)) {
        if (changes.length === limit) return { changes, next: last };
        changes.push(toChange(row, ends));
      }
      last = [row.version, row.place];
    }
    if (rows.length < rowsAtOnce) return { changes, next: null };
  }
}

/** Changes before this were not all kept. Null: none was left out. */
async function completeSince(view: GraphView): Promise<number | null> {
  const row = await view.db
    .selectFrom("workspaces")
    .select("topology_from")
    .where("id", "=", view.workspace)
    .executeTakeFirst();
  return row?.topology_from ?? null;
}

const edgeWords: Partial<Record<EdgeType, [now: string, noLonger: string]>> = {
  DEPENDS_ON: ["depends on", "depend on"],
  OWNS: ["owns", "own"],
  BUILDS: ["builds", "build"],
  RUNS: ["runs", "run"],
  SELECTS: ["selects", "select"],
  ROUTES_TO: ["routes to", "route to"],
  REQUESTS: ["calls", "call"],
  READS: ["reads", "read"],
  WRITES: ["writes", "write"],
  PUBLISHES: ["publishes to", "publish to"],
  CONSUMES: ["consumes", "consume"],
  MONITORS: ["monitors", "monitor"],
  SAME_AS: ["is the same as", "stand for"],
};

function toChange(row: TopologyChangesTable, ends: readonly number[]): RecordedChange {
  // record-topology.ts wrote it.
  const fact = JSON.parse(row.fact) as TopologyFact;
  const end = (id: number, [key, type, name]: [string, number, string]) => ({
    id: publicId(id),
    key,
    type: nodeTypeOf(type),
    name,
  });
  const change: Omit<TopologyChange, "words"> = {
    version: row.version,
    after: new Date(row.since).toISOString(),
    at: new Date(row.at).toISOString(),
    change: row.change,
    source: row.source,
    scope: row.scope,
    node: end(row.node, fact.node),
    edge: row.edge === null ? null : edgeTypeOf(row.edge),
    other: row.other === null || fact.other === null ? null : end(row.other, fact.other),
    props: fact.props.map(([name, before, after]) => ({
      name,
      before: before as TopologyChange["props"][number]["before"],
      after: after as TopologyChange["props"][number]["after"],
    })),
  };
  return { ...change, words: wordsOf(change), seenAt: row.at, seenAfter: row.since, ends };
}

const shown = (value: unknown): string =>
  value === null
    ? "none"
    : typeof value === "string"
      ? value
      : Array.isArray(value)
        ? value.join(", ")
        : JSON.stringify(value);

function wordsOf({ change, node, edge, other, props }: Omit<TopologyChange, "words">): string {
  const differs = props.map(({ name, before, after }) => `${name} ${shown(before)} → ${shown(after)}`).join("; ");
  if (edge === null || other === null) {
    const what = `${node.type} ${node.name}`;
    if (change === "appeared") return `${what} appeared`;
    return change === "gone" ? `${what} is gone` : `${what}: ${differs}`;
  }
  const [is, isNot] = edgeWords[edge] ?? [edge, edge];
  if (change === "gone") return `${node.name} does not ${isNot} ${other.name} any more`;
  if (change === "changed") return `${node.name} ${is} ${other.name}: ${differs}`;
  const constraint = props.find(({ name }) => name === "constraint")?.after;
  const version = typeof constraint === "string" && constraint !== "" ? ` ${constraint}` : "";
  return `${node.name} now ${is} ${other.name}${version}`;
}

const Input = z.strictObject({
  node: nodeReference
    .optional()
    .describe("Id or key of what changed, or is near: a service, a repository, a package; everything if absent"),
  depth: z
    .int()
    .min(0)
    .max(3)
    .default(1)
    .describe("So many relationships away from the node counts as near; 0 = the node and what it holds"),
  since: z.iso.datetime({ offset: true }).optional().describe("Only what was seen after this time (ISO 8601)"),
  until: z.iso.datetime({ offset: true }).optional().describe("And up to this time"),
  limit: limitField(50, 500),
  cursor: cursorField,
});

const topologyEdges = new Set(edgeTypeNumbers(topologyEdgeTypes));

async function near(view: GraphView, node: StoredNode, depth: number) {
  const adjacency = adjacencyOf(view);
  const inside = await membersOf(adjacency, [node], mostMembers, view.signal);
  const around = await walk({
    adjacency,
    starts: inside.steps,
    forward: true,
    backward: true,
    edgeTypes: topologyEdges,
    maxDepth: depth,
    maxNodes: mostNear + inside.steps.size,
    signal: view.signal,
  });
  return { ids: new Set(around.steps.keys()), inside: new Set(inside.steps.keys()) };
}

export const topologyChangesVerb = (deps: GraphDeps): Verb =>
  defineVerb({
    name: "graph.topologyChanges",
    summary: "What changed in the topology",
    description:
      "Which services, workloads, packages, pipelines and teams appeared, went or were configured differently, and which dependencies, calls and ownerships " +
      "between them, newest first: near a node, in a time, or all. Recorded when a source is read again after its first full reading; kept for " +
      `${keptForMs / 86_400_000} days. Changes of symbols and calls in code are not among them: ask for the changes of the repository.`,
    permission: "graph:read",
    input: Input,
    output: TopologyChanges,
    http: { method: "GET", path: "/graph/topology-changes" },
    mcp: {
      tool: "topology_changes",
      listed: false,
      present: (answer, budget) =>
        presentList({
          head: {
            ...(answer.node === null ? {} : { node: compactNode(answer.node) }),
            complete_since: answer.completeSince,
          },
          name: "changes",
          items: answer.changes.map(({ at, words, source, scope, node, other }) => ({
            at,
            change: words,
            told_by: `${source} ${scope}`,
            keys: [node.key, ...(other === null ? [] : [other.key])],
          })),
          page: answer.page,
          budget,
        }),
    },
    async run(ctx, input) {
      const view = await openView(deps, ctx);
      const node = input.node === undefined ? null : await findNode(view, input.node);
      const around = node === null ? null : await near(view, node, input.depth);
      // What is gone is in the log by its key, and in the graph no more.
      const gone = input.node === undefined ? null : nodeId(view.workspaceName, input.node);
      const isNear = (ends: readonly number[]): boolean =>
        // A relationship is near when it begins or ends in the node; of one further away both ends must be near it.
        around === null
          ? gone === null || ends.includes(gone)
          : ends.some((end) => around.inside.has(end)) || ends.every((end) => around.ids.has(end));
      const { changes, next } = await readTopologyChanges(view, {
        since: input.since === undefined ? 0 : Date.parse(input.since),
        until: input.until === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(input.until),
        limit: input.limit,
        after: decodeCursor(input.cursor, isPlace),
        keep: isNear,
      });
      if (node === null && input.node !== undefined && changes.length === 0) await needNode(view, input.node);
      const from = await completeSince(view);
      return {
        node: node === null ? null : publicNode(node),
        changes: changes.map(({ seenAt: _at, seenAfter: _after, ends: _ends, ...change }) => change),
        completeSince: from === null ? null : new Date(from).toISOString(),
        page: {
          returned: changes.length,
          total: null,
          truncated: next !== null,
          nextCursor: next === null ? null : encodeCursor(next),
        },
        freshness: await freshnessOf(view, { sources: changes.map((change) => change.source) }),
      };
    },
  });
