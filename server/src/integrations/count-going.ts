// What the graph has less of when sources go: what only they claim. What others claim, too, stays. Reads in bounded steps.
import { decodeClaims } from "../graph/claims.ts";
import type { EdgeKey } from "../graph/count-claims.ts";
import { edgeRows } from "../graph/rows.ts";
import { type Store, untyped } from "../store/store.ts";

export interface Going {
  /** Claimed by these sources alone. */
  gone: Counts;
  /** Claimed by these sources and by others. */
  kept: Counts;
  /** False when there was too much to look at each: then `gone` is at most so much. */
  exact: boolean;
}

interface Counts {
  nodes: number;
  edges: number;
}

/** As the sources' rows have it. */
interface SourceCounts extends Counts {
  id: number;
}

interface NodeClaim {
  node: number;
  scope: number;
}

interface EdgeClaim extends EdgeKey {
  scope: number;
}

const scopesAtOnce = 100;
const lookedUpAtOnce = 1_000;
/** Nodes and edges that are looked at one by one: some seconds. */
const mostLookedAt = 500_000;

/** Sources that are looked at first come first: of the ones for which there is no room left, their own counts are taken. */
export async function countGoing(
  store: Store,
  sources: readonly SourceCounts[],
  signal: AbortSignal,
  most = mostLookedAt,
): Promise<Going> {
  const going = new Set(sources.map(({ id }) => id));
  const by = {
    nodes: {
      keyOf: nodeOf,
      holdersOf: (some: readonly NodeClaim[]) => claimsOfNodes(store, some),
      going,
      verdicts: new Map<string, Verdict>(),
    },
    edges: {
      keyOf: edgeOf,
      holdersOf: (some: readonly EdgeClaim[]) => claimsOfEdges(store, some),
      going,
      verdicts: new Map<string, Verdict>(),
    },
  };
  const total: Going = { gone: { nodes: 0, edges: 0 }, kept: { nodes: 0, edges: 0 }, exact: true };
  let room = most;
  for (const source of sources) {
    if (source.nodes + source.edges > room) {
      total.exact = false;
      total.gone.nodes += source.nodes;
      total.gone.edges += source.edges;
      continue;
    }
    room -= source.nodes + source.edges;
    await countSource(store, source.id, by, total, signal);
  }
  return total;
}

async function countSource(
  store: Store,
  source: number,
  by: { nodes: JudgedBy<NodeClaim>; edges: JudgedBy<EdgeClaim> },
  total: Going,
  signal: AbortSignal,
): Promise<void> {
  for (let after = ""; ;) {
    const scopes = await store.graph
      .selectFrom("scopes")
      .select(["id", "name", "claims"])
      .where("source", "=", source)
      .where("name", ">", after)
      .orderBy("name")
      .limit(scopesAtOnce)
      .execute();
    const nodes: NodeClaim[] = [];
    const edges: EdgeClaim[] = [];
    for (const { id, claims } of scopes) {
      const claimed = decodeClaims(claims);
      for (const node of claimed.nodes) nodes.push({ node, scope: id });
      for (let at = 0; at < claimed.types.length; at++)
        edges.push({ src: claimed.sources[at]!, type: claimed.types[at]!, dst: claimed.targets[at]!, scope: id });
    }
    for (let at = 0; at < nodes.length; at += lookedUpAtOnce) {
      signal.throwIfAborted();
      const part = nodes.slice(at, at + lookedUpAtOnce);
      await judge(part, by.nodes, total, "nodes");
      await new Promise(setImmediate);
    }
    for (let at = 0; at < edges.length; at += lookedUpAtOnce) {
      signal.throwIfAborted();
      const part = edges.slice(at, at + lookedUpAtOnce);
      await judge(part, by.edges, total, "edges");
      await new Promise(setImmediate);
    }
    if (scopes.length < scopesAtOnce) return;
    after = scopes.at(-1)?.name ?? "";
  }
}

const nodeOf = ({ node }: { node: number }): string => String(node);
const edgeOf = ({ src, type, dst }: EdgeKey): string => `${src} ${type} ${dst}`;

interface Holder {
  scope: number;
  source: number;
}

interface Verdict {
  stays: boolean;
  /** The lowest scope of a source that goes: what several of them claim is counted there. */
  first: number;
}

/** A repository, a busy person: thousands of items claim it, and it is looked up once. */
const popular = 20;

interface JudgedBy<One> {
  keyOf(this: void, one: One): string;
  holdersOf(this: void, some: readonly One[]): Promise<Map<string, readonly Holder[]>>;
  going: ReadonlySet<number>;
  verdicts: Map<string, Verdict>;
}

async function judge<One extends { scope: number }>(
  claimed: readonly One[],
  by: JudgedBy<One>,
  total: Going,
  what: keyof Counts,
): Promise<void> {
  const unknown = claimed.filter((one) => !by.verdicts.has(by.keyOf(one)));
  const holders = await by.holdersOf(unknown);
  for (const one of claimed) {
    const key = by.keyOf(one);
    let verdict = by.verdicts.get(key);
    if (verdict === undefined) {
      const all = holders.get(key) ?? [];
      verdict = verdictOf(all, by.going, one.scope);
      if (all.length > popular) by.verdicts.set(key, verdict);
    }
    if (verdict.first === one.scope) total[verdict.stays ? "kept" : "gone"][what]++;
  }
}

/** No holders: nobody else claims it. */
function verdictOf(holders: readonly Holder[], going: ReadonlySet<number>, own: number): Verdict {
  const verdict = { stays: false, first: own };
  for (const { scope, source } of holders) {
    if (!going.has(source)) verdict.stays = true;
    else if (scope < verdict.first) verdict.first = scope;
  }
  return verdict;
}

/** Of the nodes that several scopes claim. */
async function claimsOfNodes(store: Store, claims: readonly NodeClaim[]): Promise<Map<string, Holder[]>> {
  const rows = await store.graph
    .selectFrom("node_claims")
    .innerJoin("scopes", "scopes.id", "node_claims.scope")
    .select(["node_claims.node", "node_claims.scope", "scopes.source"])
    .where(
      store.graphEngine.isAnyOf(
        "node_claims.node",
        "bigint",
        claims.map(({ node }) => node),
      ),
    )
    .execute();
  return grouped(rows, nodeOf);
}

async function claimsOfEdges(store: Store, claims: readonly EdgeClaim[]): Promise<Map<string, Holder[]>> {
  const rows = await store.graphEngine.selectByKey<EdgeClaim>(
    untyped(store.graph),
    edgeRows,
    ["src", "type", "dst", "scope"],
    claims.map(({ src, type, dst }) => [src, type, dst]),
  );
  const scopes = [...new Set(rows.map(({ scope }) => scope))];
  const sources = new Map<number, number>();
  for (let at = 0; at < scopes.length; at += lookedUpAtOnce) {
    const found = await store.graph
      .selectFrom("scopes")
      .select(["id", "source"])
      .where(store.graphEngine.isAnyOf("id", "bigint", scopes.slice(at, at + lookedUpAtOnce)))
      .execute();
    for (const { id, source } of found) sources.set(id, source);
  }
  return grouped(
    rows.flatMap((row) => {
      const source = sources.get(row.scope);
      return source === undefined ? [] : [{ ...row, source }];
    }),
    edgeOf,
  );
}

function grouped<Row extends Holder>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
