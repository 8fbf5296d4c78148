// Freshness: when the facts of an answer were observed, and which of their sources lag or fail.
import type { SourceFreshness } from "@opentrace/contract/graph.ts";
import type { SourcesTable } from "../store/graph-tables.ts";
import { readScopes } from "./read-nodes.ts";
import type { GraphView } from "./view.ts";

type SourceRow = Pick<SourcesTable, "source" | "name" | "kind" | "state" | "detail" | "observed_at">;
const columns = ["source", "name", "kind", "state", "detail", "observed_at"] as const;

function toFreshness(row: SourceRow): SourceFreshness {
  return {
    source: row.source,
    name: row.name,
    kind: row.kind,
    observedAt: row.observed_at === null ? null : new Date(row.observed_at).toISOString(),
    state: row.state,
    ...(row.detail === null ? {} : { detail: row.detail }),
  };
}

export async function freshnessOfAll(view: GraphView): Promise<SourceFreshness[]> {
  const rows = await view.db
    .selectFrom("sources")
    .select(columns)
    .where("workspace", "=", view.workspace)
    .orderBy("source")
    .execute();
  return rows.map(toFreshness);
}

/** Sources of the given facts. An answer without facts carries them all: it may be empty because one of them lags. */
export async function freshnessOf(
  view: GraphView,
  used: { scopes?: Iterable<number>; sources?: Iterable<string> },
): Promise<SourceFreshness[]> {
  const wanted = new Set(used.sources);
  const scopes = [...new Set(used.scopes)];
  for (const scope of (await readScopes(view, scopes)).values()) wanted.add(scope.source);
  const all = await freshnessOfAll(view);
  return wanted.size === 0 ? all : all.filter((one) => wanted.has(one.source));
}
