// Rows → nodes, edges and provenance, as answers hold them.
import { AppError } from "@opentrace/contract/errors.ts";
import type { GraphEdge, GraphNode, Props, Provenance } from "@opentrace/contract/graph.ts";
import { untyped } from "../store/store.ts";
import type { EdgesTable, NodesTable } from "../store/graph-tables.ts";
import { decodeEvidence } from "./evidence.ts";
import { nodeId, parsePublicId, publicId } from "./node-id.ts";
import { edgeRows } from "./rows.ts";
import { shownName } from "./shown-name.ts";
import type { GraphView } from "./view.ts";
import { edgeTypeOf, nodeTypeOf } from "./vocabulary.ts";

export interface StoredNode extends GraphNode {
  /** The number behind `id`. */
  number: number;
  scope: number;
  /** As the index sorts it; `name` is what people read. */
  storedName: string;
}

const parseProps = (text: string | null): Props => (text === null ? {} : (JSON.parse(text) as Props));

export function toNode(row: Pick<NodesTable, "id" | "key" | "type" | "name" | "props" | "scope">): StoredNode {
  const props = parseProps(row.props);
  return {
    id: publicId(row.id),
    key: row.key,
    type: nodeTypeOf(row.type),
    name: shownName(row.name, props),
    props,
    storedName: row.name,
    number: row.id,
    scope: row.scope,
  };
}

/** What goes out: without the fields that only this folder needs. */
export const publicNode = ({ id, key, type, name, props }: StoredNode): GraphNode => ({ id, key, type, name, props });

/** Nodes that exist, by number. */
export async function readNodes(view: GraphView, ids: readonly number[]): Promise<Map<number, StoredNode>> {
  const found = new Map<number, StoredNode>();
  for (let at = 0; at < ids.length; at += 1_000) {
    const rows = await view.db
      .selectFrom("nodes")
      .select(["id", "key", "type", "name", "props", "scope"])
      .where("workspace", "=", view.workspace)
      .where(view.engine.isAnyOf("id", "bigint", ids.slice(at, at + 1_000)))
      .execute();
    for (const row of rows) found.set(row.id, toNode(row));
  }
  return found;
}

/** `reference` is an id or a key. null when there is no such node. */
export async function findNode(view: GraphView, reference: string): Promise<StoredNode | null> {
  const candidates = [nodeId(view.workspaceName, reference)];
  const id = parsePublicId(reference);
  if (id !== null) candidates.push(id);
  const found = await readNodes(view, candidates);
  const byKey = found.get(candidates[0]!);
  if (byKey !== undefined && byKey.key === reference) return byKey;
  return (id === null ? undefined : found.get(id)) ?? null;
}

/** Throws `not_found`, with the closest names. */
export async function needNode(view: GraphView, reference: string): Promise<StoredNode> {
  const node = await findNode(view, reference);
  if (node !== null) return node;
  const near = view.workspace < 0 ? [] : await namesLike(view, reference);
  const hint =
    near.length > 0 ? ` Did you mean ${near.map((one) => one.key).join(", ")}?` : " Search for its name to get its id.";
  throw new AppError("not_found", `There is no node "${reference.slice(0, 300)}".${hint}`, {
    details: { didYouMean: near.map(({ id, key, name, type }) => ({ id, key, name, type })) },
  });
}

async function namesLike(view: GraphView, reference: string): Promise<StoredNode[]> {
  const words = reference.replace(/^[a-z]+:/, "").split(/[#/.:]/);
  const query = words.at(-1) ?? "";
  if (query === "" || query.length > 200) return [];
  const answer = await view.worker.ask(
    "search",
    { workspace: view.workspace, query, filter: {}, offset: 0, limit: 3 },
    view.signal,
  );
  const found = await readNodes(
    view,
    answer.hits.map((hit) => hit.id),
  );
  return answer.hits.flatMap((hit) => found.get(hit.id) ?? []);
}

/** An edge by its ends and type; all its claims are its provenance. */
export interface EdgeKey {
  src: number;
  type: number;
  dst: number;
}

export const edgeKeyText = (edge: EdgeKey): string => `${edge.src} ${edge.type} ${edge.dst}`;

const edgeColumns = ["src", "type", "dst", "scope", "confidence", "rule", "evidence", "props"] as const;
type EdgeRow = Pick<EdgesTable, (typeof edgeColumns)[number]>;

/** By edgeKeyText. Edges that are not there are missing in the answer. */
export async function readEdges(view: GraphView, keys: readonly EdgeKey[]): Promise<Map<string, GraphEdge>> {
  const unique = new Map(keys.map((key) => [edgeKeyText(key), [key.src, key.type, key.dst]]));
  const rows = await view.engine.selectByKey<EdgeRow>(untyped(view.db), edgeRows, edgeColumns, [...unique.values()]);
  const scopes = await readScopes(
    view,
    rows.map((row) => row.scope),
  );
  const grouped = new Map<string, EdgeRow[]>();
  for (const row of rows) {
    const key = edgeKeyText(row);
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, [row]);
    else group.push(row);
  }
  return new Map([...grouped].map(([key, group]) => [key, mergeEdge(group, scopes)]));
}

export interface ScopeInfo {
  name: string;
  source: string;
  sourceName: string;
  sourceId: number;
  observedAt: string;
}

export async function readScopes(view: GraphView, ids: readonly number[]): Promise<Map<number, ScopeInfo>> {
  const unique = [...new Set(ids)];
  const found = new Map<number, ScopeInfo>();
  for (let at = 0; at < unique.length; at += 1_000) {
    const rows = await view.db
      .selectFrom("scopes")
      .innerJoin("sources", "sources.id", "scopes.source")
      .select([
        "scopes.id",
        "scopes.name",
        "scopes.observed_at",
        "sources.id as sourceId",
        "sources.source",
        "sources.name as sourceName",
      ])
      .where(view.engine.isAnyOf("scopes.id", "bigint", unique.slice(at, at + 1_000)))
      .execute();
    for (const { id, name, source, sourceName, sourceId, observed_at } of rows)
      found.set(id, { name, source, sourceName, sourceId, observedAt: new Date(observed_at).toISOString() });
  }
  return found;
}

/** Claims in the order of source and scope, so that answers don't depend on who came first. */
export function mergeEdge(claims: readonly EdgeRow[], scopes: ReadonlyMap<number, ScopeInfo>): GraphEdge {
  const first = claims[0]!;
  const ordered = claims
    .flatMap((claim) => {
      const scope = scopes.get(claim.scope);
      return scope === undefined ? [] : [{ claim, scope }];
    })
    .sort((a, b) => compare(a.scope.source, b.scope.source) || compare(a.scope.name, b.scope.name));
  const props: Props = Object.create(null) as Props;
  for (const { claim } of ordered) {
    for (const [name, value] of Object.entries(parseProps(claim.props)))
      if (!Object.hasOwn(props, name)) props[name] = value;
  }
  return {
    from: publicId(first.src),
    to: publicId(first.dst),
    type: edgeTypeOf(first.type),
    props: { ...props },
    provenance: ordered.map(({ claim, scope }) => toProvenance(scope, claim)),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function toProvenance(
  scope: ScopeInfo,
  claim: { confidence?: number | null; rule?: string | null; evidence?: string | null },
): Provenance {
  return {
    source: scope.source,
    sourceName: scope.sourceName,
    scope: scope.name,
    evidence: decodeEvidence(claim.evidence ?? null, scope.name),
    observedAt: scope.observedAt,
    confidence: claim.confidence ?? 1,
    ...(claim.rule === null || claim.rule === undefined ? {} : { rule: claim.rule }),
  };
}

/** Who claims the node. */
export async function readNodeProvenance(view: GraphView, node: StoredNode): Promise<Provenance[]> {
  const claims = await view.db.selectFrom("node_claims").select("scope").where("node", "=", node.number).execute();
  const ids = claims.length > 0 ? claims.map((claim) => claim.scope) : [node.scope];
  // A hub such as a package may be claimed by thousands of files: the first hundred tell enough.
  const scopes = await readScopes(view, ids.slice(0, 100));
  return [...scopes.values()]
    .sort((a, b) => compare(a.source, b.source) || compare(a.name, b.name))
    .map((scope) => toProvenance(scope, {}));
}
