// Writes claims of nodes. A node that one scope claims is one row; one that several claim has each claim kept in node_claims and shows
// their merge, which depends on the claims alone and not on the order they came in.
import type { Kysely } from "kysely";
import { type GraphDatabase, untyped } from "../store/store.ts";
import type { Engine, SqlValue } from "../store/engine.ts";
import type { GraphTables } from "../store/graph-tables.ts";
import { type PreparedNode, refuseCollision } from "./prepare-facts.ts";
import { nodeClaimRows, nodeRows, removedNodeRows } from "./rows.ts";

export interface WriteContext {
  tx: Kysely<GraphTables>;
  engine: Engine;
  workspace: number;
  version: number;
}

export interface NodeClaim extends PreparedNode {
  scope: number;
  /** The scope claimed this node before. */
  known: boolean;
}

interface NodeState {
  id: number;
  key: string;
  type: number;
  name: string;
  props: string | null;
  scope: number;
  shared: number;
}

const rowsAtOnce = 1_000;

/** `tx` writes in slices and lets other work of the process go on between them. */
async function insertNodes(context: WriteContext, rows: SqlValue[][], conflict: "ignore" | "update") {
  const ignored: (readonly SqlValue[])[] = [];
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const part = rows.slice(at, at + rowsAtOnce);
    ignored.push(...(await context.engine.insertRows(untyped(context.tx), nodeRows, part, conflict)));
    if (at + rowsAtOnce < rows.length) await new Promise(setImmediate);
  }
  return ignored;
}

const toRow = (context: WriteContext, node: NodeState): SqlValue[] => [
  node.id,
  context.workspace,
  context.version,
  node.type,
  node.scope,
  node.shared,
  node.key,
  node.name,
  node.props,
];

const sameContent = (one: Omit<PreparedNode, "key" | "id">, other: Omit<PreparedNode, "key" | "id">): boolean =>
  one.type === other.type && one.name === other.name && one.props === other.props;

/** Writes all claims and takes back `removed` ([node, scope]). Nodes that nobody claims any more are deleted. */
export async function writeNodes(
  context: WriteContext,
  claims: NodeClaim[],
  removed: readonly (readonly [node: number, scope: number])[],
): Promise<void> {
  claims.sort((a, b) => a.id - b.id || a.scope - b.scope);
  const added = claims.filter((claim) => !claim.known);
  const ignored = await insertNodes(
    context,
    added.map((claim) => toRow(context, { ...claim, shared: 0 })),
    "ignore",
  );
  const contestedScopes = new Set(ignored.map((row) => `${Number(row[0])} ${Number(row[4])}`));
  const contested = claims.filter((claim) => claim.known || contestedScopes.has(`${claim.id} ${claim.scope}`));
  if (contested.length === 0 && removed.length === 0) return;

  const states = await readStates(context, [...contested.map((claim) => claim.id), ...removed.map(([id]) => id)]);
  const dirty = new Set<number>();
  await applyContested(context, contested, states, dirty);
  await applyRemoved(context, removed, states, dirty);
  await mergeClaims(context, dirty, states);
}

async function readStates(context: WriteContext, ids: readonly number[]): Promise<Map<number, NodeState>> {
  const unique = [...new Set(ids)];
  const states = new Map<number, NodeState>();
  for (let at = 0; at < unique.length; at += rowsAtOnce) {
    const rows = await context.tx
      .selectFrom("nodes")
      .select(["id", "key", "type", "name", "props", "scope", "shared"])
      .where(context.engine.isAnyOf("id", "bigint", unique.slice(at, at + rowsAtOnce)))
      .execute();
    for (const row of rows) states.set(row.id, row);
  }
  return states;
}

async function applyContested(
  context: WriteContext,
  contested: readonly NodeClaim[],
  states: Map<number, NodeState>,
  dirty: Set<number>,
): Promise<void> {
  const before = await readOwnClaims(context, contested);
  const inserted: NodeState[] = [];
  const updated = new Map<number, NodeState>();
  /** By node and scope: a scope that claimed the node alone before may state it anew in the same batch. */
  const shared = new Map<string, SqlValue[]>();
  const claimRow = (claim: Omit<PreparedNode, "key"> & { scope: number }): SqlValue[] => [
    claim.id,
    claim.scope,
    context.workspace,
    claim.type,
    claim.name,
    claim.props,
  ];
  for (const claim of contested) {
    const state = states.get(claim.id);
    if (state === undefined) {
      // Claimed before and gone since can't be; kept safe all the same.
      const fresh = { ...claim, shared: 0 };
      inserted.push(fresh);
      states.set(claim.id, fresh);
      continue;
    }
    if (state.key !== claim.key) refuseCollision(state.key, claim.key);
    if (state.shared === 0 && state.scope === claim.scope) {
      if (sameContent(state, claim)) continue;
      Object.assign(state, { type: claim.type, name: claim.name, props: claim.props });
      updated.set(state.id, state);
      continue;
    }
    if (state.shared === 0) {
      shared.set(`${state.id} ${state.scope}`, claimRow(state));
      state.shared = 1;
      updated.set(state.id, state);
      // The winner is decided by names of sources and scopes, not by who came first.
      dirty.add(state.id);
    }
    const own = before.get(`${claim.id} ${claim.scope}`);
    if (own !== undefined && sameContent(own, claim)) continue;
    shared.set(`${claim.id} ${claim.scope}`, claimRow(claim));
    if (own !== undefined || !sameContent(state, claim)) dirty.add(state.id);
  }
  await context.engine.insertRows(untyped(context.tx), nodeClaimRows, [...shared.values()], "update");
  await insertNodes(
    context,
    [...inserted, ...updated.values()].map((state) => toRow(context, state)),
    "update",
  );
}

async function readOwnClaims(context: WriteContext, claims: readonly NodeClaim[]) {
  const known = claims.filter((claim) => claim.known);
  const found = new Map<string, { type: number; name: string; props: string | null }>();
  const scopes = [...new Set(known.map((claim) => claim.scope))];
  for (let at = 0; at < known.length; at += rowsAtOnce) {
    const nodes = known.slice(at, at + rowsAtOnce).map((claim) => claim.id);
    const rows = await context.tx
      .selectFrom("node_claims")
      .select(["node", "scope", "type", "name", "props"])
      .where(context.engine.isAnyOf("node", "bigint", nodes))
      .where(context.engine.isAnyOf("scope", "bigint", scopes))
      .execute();
    for (const row of rows) found.set(`${row.node} ${row.scope}`, row);
  }
  return found;
}

async function applyRemoved(
  context: WriteContext,
  removed: readonly (readonly [number, number])[],
  states: Map<number, NodeState>,
  dirty: Set<number>,
): Promise<void> {
  const gone: number[] = [];
  const claims: SqlValue[][] = [];
  for (const [id, scope] of removed) {
    const state = states.get(id);
    if (state === undefined) continue;
    if (state.shared === 1) {
      claims.push([id, scope]);
      dirty.add(id);
    } else if (state.scope === scope) {
      gone.push(id);
    }
  }
  await context.engine.deleteRows(untyped(context.tx), nodeClaimRows, claims);
  await deleteNodes(context, gone);
}

async function deleteNodes(context: WriteContext, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const { engine, workspace, version } = context;
  const tx = untyped(context.tx);
  await engine.deleteRows(
    tx,
    nodeRows,
    ids.map((id) => [id]),
  );
  await engine.insertRows(
    tx,
    removedNodeRows,
    ids.map((id) => [id, workspace, version]),
    "ignore",
  );
}

/** The first claim by name of source and scope gives type and name; props are united, the first claim of each key stands. */
async function mergeClaims(context: WriteContext, dirty: ReadonlySet<number>, states: ReadonlyMap<number, NodeState>) {
  if (dirty.size === 0) return;
  const ids = [...dirty].sort((a, b) => a - b);
  const claims = new Map<number, StoredClaim[]>();
  for (let at = 0; at < ids.length; at += rowsAtOnce) {
    for (const claim of await readClaims(context.tx, context.engine, ids.slice(at, at + rowsAtOnce))) {
      const list = claims.get(claim.node);
      if (list === undefined) claims.set(claim.node, [claim]);
      else list.push(claim);
    }
  }
  const updated: SqlValue[][] = [];
  const gone: number[] = [];
  for (const id of ids) {
    const own = claims.get(id);
    const state = states.get(id);
    if (state === undefined) continue;
    if (own === undefined) {
      gone.push(id);
      continue;
    }
    const merged = { ...state, ...mergeOf(own) };
    if (!sameContent(merged, state) || merged.scope !== state.scope) updated.push(toRow(context, merged));
  }
  await insertNodes(context, updated, "update");
  await deleteNodes(context, gone);
}

interface StoredClaim {
  node: number;
  scope: number;
  type: number;
  name: string;
  props: string | null;
  scopeName: string;
  source: string;
}

async function readClaims(db: GraphDatabase, engine: Engine, nodes: readonly number[]): Promise<StoredClaim[]> {
  return await db
    .selectFrom("node_claims")
    .innerJoin("scopes", "scopes.id", "node_claims.scope")
    .innerJoin("sources", "sources.id", "scopes.source")
    .select([
      "node_claims.node",
      "node_claims.scope",
      "node_claims.type",
      "node_claims.name",
      "node_claims.props",
      "scopes.name as scopeName",
      "sources.source",
    ])
    .where(engine.isAnyOf("node_claims.node", "bigint", nodes))
    .execute();
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function mergeOf(claims: StoredClaim[]): Omit<PreparedNode, "id" | "key"> & { scope: number } {
  claims.sort((a, b) => compareText(a.source, b.source) || compareText(a.scopeName, b.scopeName));
  const first = claims[0]!;
  const texts = new Set(claims.map((claim) => claim.props));
  texts.delete(null);
  const merged = Object.create(null) as Record<string, unknown>;
  for (const text of texts) {
    for (const [name, value] of Object.entries(JSON.parse(text!) as Record<string, unknown>)) {
      if (!Object.hasOwn(merged, name)) merged[name] = value;
    }
  }
  const props = texts.size === 0 ? null : texts.size === 1 ? [...texts][0]! : JSON.stringify(merged);
  return { type: first.type, name: first.name, scope: first.scope, props };
}
