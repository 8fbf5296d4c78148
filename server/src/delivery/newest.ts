// Issues, change requests, pipelines, deployments and releases, the last changed first, from the two indexes over them.
import { type RawBuilder, sql } from "kysely";
import type { NodesTable } from "../store/graph-tables.ts";
import type { DeliveryType } from "../store/migrations/graph-0004-delivery-by-time.ts";
import type { HappeningType } from "../store/migrations/graph-0009-delivery-by-happening.ts";
import { deliveryColumns, happeningColumns } from "../store/migrations/graph-0011-cheap-conditions.ts";
import { toNode, type StoredNode } from "../graph/read-nodes.ts";
import type { GraphView } from "../graph/view.ts";
import { nodeTypeNumber } from "../graph/vocabulary.ts";

export interface NewestQuery {
  types: readonly DeliveryType[];
  /** Key part: `github.com/acme/shop`, or several. Each is a range of the index of its own. */
  repository?: string | readonly string[] | undefined;
  /** Each is a range of the index of its own; absent = whatever the state. */
  states?: readonly string[] | undefined;
  /** UTC, as nodes have it in `updatedAt`. */
  since?: string | undefined;
}

export type NewestNode = StoredNode & { changedAt: string };

/** Rows looked at for one answer when they are judged one by one. */
const mostJudged = 20_000;
const rowsAtOnce = 500;

type Row = Pick<NodesTable, "id" | "key" | "type" | "name" | "props" | "scope"> & { at: string };

/** ISO times of one zone sort as text; the index has seconds or finer. */
export const indexTime = (date: Date): string => date.toISOString().slice(0, 19);

/** The ranges of the index that hold what is asked for. */
function ranges(view: GraphView, query: NewestQuery): RawBuilder<unknown>[] {
  const { isDelivery, state, repository, changedAt } = deliveryColumns(view.engine.ddl);
  const states = query.states ?? [null];
  const repositories = typeof query.repository === "object" ? query.repository : [query.repository ?? null];
  const since = query.since === undefined ? sql`` : sql`and ${sql.raw(changedAt)} >= ${query.since}`;
  return repositories.flatMap((of) =>
    query.types.flatMap((type) =>
      states.map(
        (one) => sql`${sql.raw(isDelivery)} and workspace = ${view.workspace} and type = ${nodeTypeNumber(type)!}
          ${of === null ? sql`` : sql`and ${sql.raw(repository)} = ${of}`}
          ${one === null ? sql`` : sql`and ${sql.raw(state)} = ${one}`} ${since}`,
      ),
    ),
  );
}

/** One page, and how many there are in all. */
export async function newest(
  view: GraphView,
  query: NewestQuery,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ nodes: NewestNode[]; total: number }> {
  const found: NewestNode[] = [];
  let total = 0;
  for (const range of ranges(view, query)) {
    view.signal.throwIfAborted();
    found.push(...(await readRange(view, changedAt(view), range, { offset: 0, limit: offset + limit })));
    const { rows } = await sql<{ n: number | string }>`select count(*) as n from nodes where ${range}`.execute(view.db);
    total += Number(rows[0]?.n ?? 0);
  }
  return { nodes: found.sort(newestFirst).slice(offset, offset + limit), total };
}

/** All that `keep` keeps, newest first; `complete` is false when there were too many to look at. */
export async function newestWhere(
  view: GraphView,
  query: NewestQuery,
  keep: (node: NewestNode) => boolean,
): Promise<{ nodes: NewestNode[]; complete: boolean }> {
  return await readAll(view, changedAt(view), ranges(view, query), keep);
}

/** What was merged, deployed or published in some repositories between two times, however often it was changed since. */
export async function happenedBetween(
  view: GraphView,
  { types, repositories, from, to }: HappenedQuery,
): Promise<{ nodes: NewestNode[]; complete: boolean }> {
  const { isHappening, happenedAt, repository } = happeningColumns(view.engine.ddl);
  const [first, beyond] = [indexTime(from), indexTime(new Date(to.getTime() + 1_000))];
  const all = repositories.flatMap((of) =>
    types.map(
      (type) => sql`${sql.raw(isHappening)} and workspace = ${view.workspace} and type = ${nodeTypeNumber(type)!}
        and ${sql.raw(repository)} = ${of} and ${sql.raw(happenedAt)} >= ${first} and ${sql.raw(happenedAt)} < ${beyond}`,
    ),
  );
  return await readAll(view, sql.raw(happenedAt), all, () => true);
}

interface HappenedQuery {
  types: readonly HappeningType[];
  repositories: readonly string[];
  from: Date;
  to: Date;
}

const changedAt = (view: GraphView): RawBuilder<unknown> => sql.raw(deliveryColumns(view.engine.ddl).changedAt);

async function readAll(
  view: GraphView,
  time: RawBuilder<unknown>,
  all: readonly RawBuilder<unknown>[],
  keep: (node: NewestNode) => boolean,
): Promise<{ nodes: NewestNode[]; complete: boolean }> {
  const kept: NewestNode[] = [];
  let judged = 0;
  for (const range of all) {
    for (let offset = 0; ; offset += rowsAtOnce) {
      view.signal.throwIfAborted();
      if (judged >= mostJudged) return { nodes: kept.sort(newestFirst), complete: false };
      const rows = await readRange(view, time, range, { offset, limit: rowsAtOnce });
      judged += rows.length;
      kept.push(...rows.filter(keep));
      if (rows.length < rowsAtOnce) break;
      // A statement runs in one go; other requests get their turn between two.
      await new Promise(setImmediate);
    }
  }
  return { nodes: kept.sort(newestFirst), complete: true };
}

async function readRange(
  view: GraphView,
  time: RawBuilder<unknown>,
  range: RawBuilder<unknown>,
  { offset, limit }: { offset: number; limit: number },
): Promise<NewestNode[]> {
  const { rows } = await sql<Row>`select id, key, type, name, props, scope, ${time} as at from nodes
    where ${range} order by ${time} desc limit ${limit} offset ${offset}`.execute(view.db);
  return rows.map((row) => ({ ...toNode(row), changedAt: row.at }));
}

const newestFirst = (a: NewestNode, b: NewestNode): number =>
  a.changedAt < b.changedAt ? 1 : a.changedAt > b.changedAt ? -1 : a.number - b.number;
