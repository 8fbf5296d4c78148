// The graph's change log: which facts of what runs, who owns what and what depends on what a batch adds, takes away or changes.
import type { EdgeType, NodeType } from "@opentrace/contract/graph.ts";
import { untyped } from "../store/store.ts";
import type { TopologyChangesTable } from "../store/graph-tables.ts";
import { decodeClaims } from "./claims.ts";
import { edgeIdentity, type PreparedScope } from "./prepare-facts.ts";
import { edgeRows } from "./rows.ts";
import { edgeTypeNumbers, nodeTypeNumber, nodeTypeNumbers, nodeTypeOf } from "./vocabulary.ts";
import type { WriteContext } from "./write-nodes.ts";

const nodeTypes = [
  ...(["Repository", "Package", "Pipeline", "Team", "Cluster", "Namespace", "Workload", "Container", "Image"] as const),
  ...(["KubernetesService", "Ingress", "Service", "Database", "Queue", "Cache", "ExternalService"] as const),
] satisfies NodeType[];
/** What an edge that is recorded may lead from or to besides these. Pods, deployments and commits come and go: they are events. */
const otherEnds = ["Directory", "File", "Person", "Dashboard", "Alert"] satisfies NodeType[];
export const topologyEdgeTypes = [
  ...(["DEPENDS_ON", "OWNS", "BUILDS", "RUNS", "SELECTS", "ROUTES_TO", "REQUESTS"] as const),
  ...(["READS", "WRITES", "PUBLISHES", "CONSUMES", "MONITORS", "SAME_AS"] as const),
] satisfies EdgeType[];

const watchedNodes = new Set(nodeTypeNumbers(nodeTypes));
const watchedEnds = new Set(nodeTypeNumbers([...nodeTypes, ...otherEnds]));
const watchedEdges = new Set(edgeTypeNumbers(topologyEdgeTypes));
const [owns, dependsOn] = edgeTypeNumbers(["OWNS", "DEPENDS_ON"]);
const [file, packageType] = [nodeTypeNumber("File")!, nodeTypeNumber("Package")!];

/** Scopes of code and history: they hold nothing of this, and are by far the most. */
const isOfCode = (scope: string): boolean => scope.startsWith("file:") || scope.startsWith("commit:");
/** What moves by itself, and what only describes. */
const notWatched =
  /(?:At|Count|Ago)$|^(?:state|status|runs|jobs|commit|sha|source|url|title|description|topics|doc|count|lines|range|replicasReady)$/;

export const keptForMs = 90 * 86_400_000;
export const mostKept = 20_000;
const mostOfBatch = 1_000;
const mostProps = 20;
const longestValue = 500;
const rowsAtOnce = 1_000;
const insertedAtOnce = 80;

type Change = TopologyChangesTable["change"];
type PropChange = [name: string, before: unknown, after: unknown];
/** The ends as they were: key, type, name. */
export interface TopologyFact {
  node: [string, number, string];
  other: [string, number, string] | null;
  props: PropChange[];
}

interface ReadSource {
  source: string;
  /** When it was read whole before. */
  since: number;
}

interface StoredClaims {
  id: number;
  claims: Uint8Array;
}

interface Batch {
  scopes: readonly PreparedScope[];
  removedScopes: readonly string[];
}

interface TouchedEdge {
  src: number;
  type: number;
  dst: number;
  /** Of the batch: the first scope that has to do with it. */
  scope: string;
  /** Rows of scopes of this batch that claimed it before. */
  taken: Set<number>;
  stated: { by: number | null; props: string | null }[];
}

interface NodeRow {
  id: number;
  key: string;
  type: number;
  name: string;
  props: string | null;
}

interface Recorded {
  change: Change;
  scope: string;
  edge: TouchedEdge | null;
  node: NodeRow;
  other: NodeRow | null;
  props: PropChange[];
}

/**
 * Call it before the batch is written and what it returns after: what is compared is what the graph says, whoever claims it.
 * Null when the batch has nothing of this, which for code is found out by the names of its scopes alone.
 */
export async function watchTopology(
  context: WriteContext,
  source: ReadSource,
  batch: Batch,
  stored: ReadonlyMap<string, StoredClaims>,
): Promise<(() => Promise<void>) | null> {
  const { nodes, edges } = touchedBy(batch, stored);
  if (nodes.size === 0 && edges.size === 0) return null;
  const before = await readNodeRows(context, nodes.keys());
  const changed = await changedEdges(context, [...edges.values()]);
  const gone = changed.filter((one) => one.change === "gone");
  const endsBefore = await readNodeRows(context, endsOf(gone));
  return async () => {
    const after = await readNodeRows(context, nodes.keys());
    const ends = new Map([...endsBefore, ...(await readNodeRows(context, endsOf(changed)))]);
    const found: Recorded[] = [];
    for (const [id, scope] of nodes) found.push(...ofNode(before.get(id), after.get(id), scope));
    for (const { change, edge, props } of changed) {
      const [node, other] = [ends.get(edge.src), ends.get(edge.dst)];
      if (node !== undefined && other !== undefined && isTopology(edge.type, node, other))
        found.push({ change, scope: edge.scope, edge, node, other, props });
    }
    await insert(context, source, found);
  };
}

function touchedBy({ scopes, removedScopes }: Batch, stored: ReadonlyMap<string, StoredClaims>) {
  const nodes = new Map<number, string>();
  const edges = new Map<string, TouchedEdge>();
  const touch = (edge: { src: number; type: number; dst: number }, scope: string): TouchedEdge => {
    const id = edgeIdentity(edge);
    let known = edges.get(id);
    if (known === undefined) {
      const { src, type, dst } = edge;
      edges.set(id, (known = { src, type, dst, scope, taken: new Set(), stated: [] }));
    }
    return known;
  };
  const takeBack = (scope: string, kept: ReadonlySet<number>): void => {
    const row = stored.get(scope);
    if (row === undefined) return;
    const old = decodeClaims(row.claims);
    // Of what goes only the number is known: its type is read with it.
    for (const node of old.nodes) if (!kept.has(node) && !nodes.has(node)) nodes.set(node, scope);
    for (const [at, type] of old.types.entries())
      if (watchedEdges.has(type))
        touch({ src: old.sources[at]!, type, dst: old.targets[at]! }, scope).taken.add(row.id);
  };
  for (const scope of scopes) {
    if (isOfCode(scope.name)) continue;
    const by = stored.get(scope.name)?.id ?? null;
    const kept = new Set<number>();
    for (const { id, type } of scope.nodes) {
      kept.add(id);
      if (watchedNodes.has(type)) nodes.set(id, scope.name);
    }
    for (const edge of scope.edges)
      if (watchedEdges.has(edge.type)) touch(edge, scope.name).stated.push({ by, props: edge.props });
    takeBack(scope.name, kept);
  }
  for (const name of removedScopes) if (!isOfCode(name)) takeBack(name, new Set());
  return { nodes, edges };
}

type EdgeRow = Pick<TouchedEdge, "src" | "type" | "dst"> & { scope: number; props: string | null };

async function changedEdges(context: WriteContext, edges: readonly TouchedEdge[]) {
  const rows = await context.engine.selectByKey<EdgeRow>(
    untyped(context.tx),
    edgeRows,
    ["src", "type", "dst", "scope", "props"],
    edges.map(({ src, type, dst }) => [src, type, dst]),
  );
  const claims = Map.groupBy(rows, edgeIdentity);
  return edges.flatMap((edge): { edge: TouchedEdge; change: Change; props: PropChange[] }[] => {
    const held = claims.get(edgeIdentity(edge)) ?? [];
    const stays = edge.stated.length > 0 || held.some(({ scope }) => !edge.taken.has(scope));
    if (held.length === 0) return stays ? [{ edge, change: "appeared", props: propsOf(edge.stated[0]!.props) }] : [];
    if (!stays) return [{ edge, change: "gone", props: [] }];
    const props = edge.stated.flatMap(({ by, props: now }) => {
      const own = held.find(({ scope }) => scope === by);
      return own === undefined ? [] : difference(own.props, now);
    });
    return props.length === 0 ? [] : [{ edge, change: "changed", props: props.slice(0, mostProps) }];
  });
}

const endsOf = (changed: readonly { edge: TouchedEdge }[]): Set<number> =>
  new Set(changed.flatMap(({ edge }) => [edge.src, edge.dst]));

/** A manifest's file depends on what its package depends on: that would be said twice. */
function isTopology(type: number, node: NodeRow, other: NodeRow): boolean {
  if (!watchedEnds.has(node.type) || !watchedEnds.has(other.type)) return false;
  if (type === dependsOn && node.type === file) return false;
  return type === owns || watchedNodes.has(node.type) || watchedNodes.has(other.type);
}

/** Of packages only those that are declared here; those of others come and go with what depends on them. */
const isWatched = (row: NodeRow | undefined): row is NodeRow =>
  row !== undefined &&
  watchedNodes.has(row.type) &&
  (row.type !== packageType || (row.props !== null && parse(row.props)["local"] === true));

function ofNode(before: NodeRow | undefined, after: NodeRow | undefined, scope: string): Recorded[] {
  const base = { scope, edge: null, other: null };
  if (isWatched(before) && !isWatched(after)) return [{ ...base, change: "gone", node: before, props: [] }];
  if (!isWatched(after)) return [];
  if (!isWatched(before)) return [{ ...base, change: "appeared", node: after, props: propsOf(after.props) }];
  const props = difference(before.props, after.props);
  if (before.name !== after.name) props.unshift(["name", before.name, after.name]);
  if (before.type !== after.type) props.unshift(["type", nodeTypeOf(before.type), nodeTypeOf(after.type)]);
  return props.length === 0 ? [] : [{ ...base, change: "changed", node: after, props: props.slice(0, mostProps) }];
}

/** The store wrote it from an object. */
const parse = (props: string): Record<string, unknown> => JSON.parse(props) as Record<string, unknown>;

const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;

/** Settings: values and lists of values; what is nested is no setting that could be shown. */
function settings(props: string | null): Map<string, unknown> {
  const found = new Map<string, unknown>();
  if (props === null) return found;
  for (const [name, value] of Object.entries(parse(props))) {
    if (notWatched.test(name)) continue;
    if (!isPlain(value) && !(Array.isArray(value) && value.every(isPlain))) continue;
    found.set(name, value);
  }
  return found;
}

const clipped = (value: unknown): unknown => {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  return text.length <= longestValue ? (value ?? null) : `${text.slice(0, longestValue)}…`;
};

function difference(one: string | null, other: string | null): PropChange[] {
  if (one === other) return [];
  const [before, after] = [settings(one), settings(other)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name): PropChange[] => {
    const [was, is] = [before.get(name) ?? null, after.get(name) ?? null];
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [[name, clipped(was), clipped(is)]];
  });
}

const propsOf = (props: string | null): PropChange[] => difference(null, props).slice(0, mostProps);

async function readNodeRows(context: WriteContext, ids: Iterable<number>): Promise<Map<number, NodeRow>> {
  const all = [...new Set(ids)];
  const found = new Map<number, NodeRow>();
  for (let at = 0; at < all.length; at += rowsAtOnce) {
    const rows = await context.tx
      .selectFrom("nodes")
      .select(["id", "key", "type", "name", "props"])
      .where(context.engine.isAnyOf("id", "bigint", all.slice(at, at + rowsAtOnce)))
      .execute();
    for (const row of rows) if (watchedEnds.has(row.type)) found.set(row.id, row);
  }
  return found;
}

async function insert(
  { tx, workspace, version }: WriteContext,
  { source, since }: ReadSource,
  found: Recorded[],
): Promise<void> {
  if (found.length === 0) return;
  const at = Date.now();
  const end = ({ key, type, name }: NodeRow): [string, number, string] => [key, type, name];
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  found.sort(
    (a, b) =>
      compare(a.scope, b.scope) || compare(a.node.key, b.node.key) || compare(a.other?.key ?? "", b.other?.key ?? ""),
  );
  const rows = found.slice(0, mostOfBatch).map((one, place): TopologyChangesTable => ({
    workspace,
    version,
    place,
    since,
    at,
    source,
    scope: one.scope,
    change: one.change,
    node: one.node.id,
    edge: one.edge?.type ?? null,
    other: one.other?.id ?? null,
    fact: JSON.stringify({
      node: end(one.node),
      other: one.other === null ? null : end(one.other),
      props: one.props,
    } satisfies TopologyFact),
  }));
  for (let from = 0; from < rows.length; from += insertedAtOnce)
    await tx
      .insertInto("topology_changes")
      .values(rows.slice(from, from + insertedAtOnce))
      .execute();
  await prune({ tx, workspace }, at, found.length > mostOfBatch ? at : null);
}

/** Bounded by age and by number; the workspace's row says from when on nothing is left out. */
async function prune({ tx, workspace }: Pick<WriteContext, "tx" | "workspace">, now: number, cut: number | null) {
  const all = tx.deleteFrom("topology_changes").where("workspace", "=", workspace);
  const aged = await all.where("at", "<", now - keptForMs).executeTakeFirst();
  const tooMany = await tx
    .selectFrom("topology_changes")
    .select(["version", "at"])
    .where("workspace", "=", workspace)
    .orderBy("version", "desc")
    .orderBy("place", "desc")
    .offset(mostKept)
    .limit(1)
    .executeTakeFirst();
  if (tooMany !== undefined) await all.where("version", "<=", tooMany.version).execute();
  const from = cut ?? tooMany?.at ?? (aged.numDeletedRows > 0n ? now - keptForMs : null);
  if (from !== null)
    await tx.updateTable("workspaces").set({ topology_from: from }).where("id", "=", workspace).execute();
}
