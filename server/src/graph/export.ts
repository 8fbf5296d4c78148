// The whole graph as JSON lines: a header, every node, every edge, an end marker; one unchanging state, in bounded memory.
import { sql } from "kysely";
import type { ExportLine } from "@opentrace/contract/graph-answers.ts";
import { untyped } from "../store/store.ts";
import { withGraphSnapshot } from "../store/store.ts";
import type { Store } from "../store/store.ts";
import type { EdgesTable, NodesTable } from "../store/graph-tables.ts";
import type { VerbContext } from "../verb.ts";
import { freshnessOfAll } from "./freshness.ts";
import { mergeEdge, readScopes, toNode, toProvenance } from "./read-nodes.ts";
import { nodeClaimRows } from "./rows.ts";
import type { GraphView } from "./view.ts";
import { findWorkspace } from "./workspaces.ts";

const nodesAPage = 1_000;
const edgesAPage = 2_000;

/** Lines without their newline. Reads page by page: what a slow client has not taken is not read. */
export async function* exportGraph(
  store: Store,
  ctx: Pick<VerbContext, "workspace" | "signal" | "now">,
): AsyncGenerator<string> {
  // A generator can't yield from within withGraphSnapshot's callback: pages cross over one at a time.
  const pages = new Handover<ExportLine[]>();
  const reading = withGraphSnapshot(store.config, async (db) => {
    const workspace = await findWorkspace(db, ctx.workspace);
    const view: Omit<GraphView, "worker"> = {
      db,
      engine: store.graphEngine,
      workspace: workspace?.id ?? -1,
      workspaceName: ctx.workspace,
      version: workspace?.version ?? 0,
      now: ctx.now(),
      signal: ctx.signal,
    };
    // Nothing here asks the worker: its state is not the snapshot's.
    for await (const page of readPages(view as GraphView)) {
      ctx.signal.throwIfAborted();
      if (!(await pages.give(page))) return;
    }
  }).then(
    () => pages.end(null),
    (error: unknown) => pages.end({ error }),
  );
  try {
    for await (const page of pages.taken()) for (const line of page) yield JSON.stringify(line);
  } finally {
    pages.stop();
    await reading;
  }
}

/** One page at a time from the reader to the taker; each waits for the other. */
class Handover<T> {
  #page: { value: T } | null = null;
  #ended: { error: unknown } | "done" | null = null;
  #stopped = false;
  #wake: (() => void)[] = [];

  #changed(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  /** false = nobody takes any more. */
  async give(value: T): Promise<boolean> {
    while (this.#page !== null && !this.#stopped) await this.#change();
    if (this.#stopped) return false;
    this.#page = { value };
    this.#changed();
    return true;
  }

  end(failure: { error: unknown } | null): void {
    this.#ended = failure ?? "done";
    this.#changed();
  }

  stop(): void {
    this.#stopped = true;
    this.#changed();
  }

  async *taken(): AsyncGenerator<T> {
    for (;;) {
      if (this.#page !== null) {
        const { value } = this.#page;
        this.#page = null;
        this.#changed();
        yield value;
      } else if (this.#ended === "done") return;
      else if (this.#ended !== null) throw this.#ended.error;
      else await this.#change();
    }
  }
}

async function* readPages(view: GraphView): AsyncGenerator<ExportLine[]> {
  yield [
    {
      kind: "header",
      format: "opentrace-graph",
      formatVersion: 1,
      graphVersion: view.version,
      exportedAt: view.now.toISOString(),
      sources: await freshnessOfAll(view),
    },
  ];
  let nodes = 0;
  for await (const page of readNodePages(view)) {
    nodes += page.length;
    yield await describeNodes(view, page);
  }
  let edges = 0;
  for await (const lines of readEdgePages(view)) {
    edges += lines.length;
    yield lines;
  }
  yield [{ kind: "end", nodes, edges }];
}

type NodeRow = Pick<NodesTable, "id" | "key" | "type" | "name" | "props" | "scope">;

async function* readNodePages(view: GraphView): AsyncGenerator<NodeRow[]> {
  for (let after = -1; ;) {
    const rows = await view.db
      .selectFrom("nodes")
      .select(["id", "key", "type", "name", "props", "scope"])
      .where("workspace", "=", view.workspace)
      .where("id", ">", after)
      .orderBy("id")
      .limit(nodesAPage)
      .execute();
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < nodesAPage) return;
    after = last.id;
    await new Promise(setImmediate);
  }
}

async function describeNodes(view: GraphView, rows: readonly NodeRow[]): Promise<ExportLine[]> {
  const claims = await view.engine.selectByKey<{ node: number; scope: number }>(
    untyped(view.db),
    nodeClaimRows,
    ["node", "scope"],
    rows.map((row) => [row.id]),
  );
  const claimants = new Map<number, number[]>();
  for (const { node, scope } of claims) claimants.set(node, [...(claimants.get(node) ?? []), scope]);
  const scopesOf = (row: NodeRow): number[] => claimants.get(row.id) ?? [row.scope];
  const scopes = await readScopes(view, rows.flatMap(scopesOf));
  return rows.map((row) => {
    const { key, type, name, props } = toNode(row);
    const provenance = scopesOf(row)
      .flatMap((scope) => scopes.get(scope) ?? [])
      .map((scope) => toProvenance(scope, {}))
      .sort((a, b) => (`${a.source} ${a.scope}` < `${b.source} ${b.scope}` ? -1 : 1));
    return { kind: "node", key, type, name, props, provenance };
  });
}

/** Edges between existing nodes in the order of their key; the claims of one edge are never split. */
async function* readEdgePages(view: GraphView): AsyncGenerator<ExportLine[]> {
  let last: EdgeRow | null = null;
  let held: EdgeRow[] = [];
  for (;;) {
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- without it `rows` is inferred from itself
    const after = last as EdgeRow | null;
    const { rows } = await sql<EdgeRow>`
      select e.src, e.type, e.dst, e.scope, e.confidence, e.rule, e.evidence, e.props, s."key" as origin, n."key" as target
      from edges e join nodes s on s.id = e.src join nodes n on n.id = e.dst
      where e.workspace = ${view.workspace} and s.workspace = ${view.workspace} and n.workspace = ${view.workspace}
      ${after === null ? sql`` : sql`and (e.src, e.type, e.dst, e.scope) > (${after.src}, ${after.type}, ${after.dst}, ${after.scope})`}
      order by e.src, e.type, e.dst, e.scope limit ${edgesAPage}`.execute(view.db);
    const isEnd = rows.length < edgesAPage;
    last = rows.at(-1) ?? last;
    const all: EdgeRow[] = [...held, ...rows];
    let whole = all.length;
    if (!isEnd) while (whole > 0 && sameEdge(all[whole - 1]!, last!)) whole--;
    held = all.slice(whole);
    const lines = await describeEdges(view, all.slice(0, whole));
    if (lines.length > 0) yield lines;
    if (isEnd) return;
    await new Promise(setImmediate);
  }
}

type EdgeRow = Pick<EdgesTable, "src" | "type" | "dst" | "scope" | "confidence" | "rule" | "evidence" | "props"> & {
  origin: string;
  target: string;
};

async function describeEdges(view: GraphView, rows: readonly EdgeRow[]): Promise<ExportLine[]> {
  const scopes = await readScopes(
    view,
    rows.map((row) => row.scope),
  );
  const lines: ExportLine[] = [];
  for (let at = 0; at < rows.length;) {
    const start = rows[at]!;
    let end = at + 1;
    while (end < rows.length && sameEdge(rows[end]!, start)) end++;
    const { type, props, provenance } = mergeEdge(rows.slice(at, end), scopes);
    lines.push({ kind: "edge", from: start.origin, to: start.target, type, props, provenance });
    at = end;
  }
  return lines;
}

const sameEdge = (a: EdgeRow, b: EdgeRow): boolean => a.src === b.src && a.type === b.type && a.dst === b.dst;
