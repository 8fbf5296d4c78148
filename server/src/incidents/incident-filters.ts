// What a list of incidents is narrowed to, and which of its filters leaves so few that the list best begins there.
import { type Expression, type RawBuilder, sql, type SqlBool } from "kysely";
import type { IncidentFilter } from "@opentrace/contract/incidents.ts";
import type { Store } from "../store/store.ts";
import { severityNumber, statusNumber } from "./incident-rows.ts";

/** What passes a filter, in an index of its own. */
export interface Start {
  /** `from … where …`: an entry for each incident. */
  entries: RawBuilder<unknown>;
  /** The same said of incidents, workspace included. */
  condition: Expression<SqlBool>;
  /** How far its entries are counted: `few`, or more where an entry costs next to nothing. */
  countedTo: number;
}

interface Filter {
  /** Of a row at hand: written so that no engine takes an index for it. */
  check: Expression<SqlBool>;
  start: Start | null;
}

export interface Filters {
  workspace: string;
  filters: readonly Filter[];
  /** Left out are duplicates, unless they are asked for. */
  unmerged: Expression<SqlBool> | null;
}

/** Totals are exact up to here. */
export const countedAtMost = 10_000;
/** So many incidents are all looked at and sorted: a few milliseconds. */
const few = 4_000;

const all = (conditions: readonly (Expression<SqlBool> | null)[]): RawBuilder<SqlBool> =>
  sql`(${sql.join(
    conditions.filter((one) => one !== null),
    sql` and `,
  )})`;

const checksOf = ({ filters, unmerged }: Filters, except?: Start): (Expression<SqlBool> | null)[] => [
  ...filters.filter(({ start }) => start === null || start !== except).map(({ check }) => check),
  unmerged,
];

/** For rows that are at hand already. */
export const passes = (filters: Filters): RawBuilder<SqlBool> =>
  all([sql`workspace || '' = ${filters.workspace}`, ...checksOf(filters)]);

/** For rows in the index of a sort. */
export const passesInOrder = (filters: Filters): RawBuilder<SqlBool> =>
  all([sql`workspace = ${filters.workspace}`, ...checksOf(filters)]);

/** For the rows of one filter's index. */
export const passesFrom = (start: Start, filters: Filters): RawBuilder<SqlBool> =>
  all([start.condition, ...checksOf(filters, start)]);

export function filtersOf({ appEngine }: Store, workspace: string, request: IncidentFilter): Filters {
  const { owner, has_owner, since, until, merged = "exclude" } = request;
  const unmerged = merged === "exclude" ? sql<SqlBool>`merged_into is null` : null;
  const inWorkspace = sql<SqlBool>`workspace = ${workspace}`;
  const inIndex = (condition: Expression<SqlBool>, within = inWorkspace): Start => ({
    entries: sql`from incidents where ${all([within, condition, unmerged])}`,
    condition: all([within, condition]),
    countedTo: few,
  });
  const filters: Filter[] = [];
  for (const [name, numbers] of [
    ["status", request.status?.map(statusNumber)],
    ["severity", request.severity?.map(severityNumber)],
  ] as const) {
    if (numbers === undefined) continue;
    const isOne = sql<SqlBool>`${sql.ref(name)} in (${sql.join(numbers)})`;
    filters.push({ check: sql`+${isOne}`, start: inIndex(isOne) });
  }
  if (owner !== undefined) {
    const owners = sql.join(owner);
    filters.push({
      check: sql`coalesce(owner, '') in (${owners})`,
      start: inIndex(sql`owner in (${owners})`),
    });
  }
  if (has_owner !== undefined)
    filters.push({
      check: sql`coalesce(owner, '') ${sql.raw(has_owner ? "<>" : "=")} ''`,
      start: has_owner ? null : inIndex(sql`owner is null`),
    });
  if (since !== undefined || until !== undefined) {
    const between = (column: RawBuilder<unknown>): RawBuilder<SqlBool> =>
      all([
        since === undefined ? null : sql`${column} >= ${Date.parse(since)}`,
        until === undefined ? null : sql`${column} < ${Date.parse(until)}`,
      ]);
    filters.push({ check: between(sql`+started_at`), start: inIndex(between(sql`started_at`)) });
  }
  const foundElsewhere = sql<SqlBool>`workspace || '' = ${workspace}`;
  for (const [kind, names] of [
    ["service", request.service],
    ["tag", request.tag],
  ] as const) {
    if (names === undefined) continue;
    const labels = [...new Set(names.map((name) => name.toLowerCase()))];
    const kinds = { exclude: [kind], only: [`merged_${kind}`], include: [kind, `merged_${kind}`] }[merged];
    const isOne = sql`kind in (${sql.join(kinds)}) and label in (${sql.join(labels)})`;
    const labelled = sql`from incident_labels where workspace = ${workspace} and ${isOne}`;
    // By the whole key or by the incident alone: of what is between the planner may take any index, or none.
    const own =
      kinds.length * labels.length === 1
        ? labelled
        : sql`from incident_labels where kind || '' in (${sql.join(kinds)}) and label || '' in (${sql.join(labels)})`;
    filters.push({
      // Not `exists`: that PostgreSQL may turn into a join of all labels with all incidents.
      check: sql`(select 1 ${own} and incident = incidents.seq limit 1) is not null`,
      start: {
        entries: labels.length === 1 ? labelled : sql`from (select distinct incident ${labelled}) as labelled`,
        condition: all([appEngine.isFoundBy("seq", sql`select incident ${labelled}`), foundElsewhere]),
        countedTo: countedAtMost,
      },
    });
  }
  if (merged === "only") {
    const isMerged = sql<SqlBool>`merged_into is not null`;
    filters.push({ check: isMerged, start: inIndex(isMerged, foundElsewhere) });
  }
  return { workspace, filters, unmerged };
}

export interface Beginning {
  /** Where fewest pass, if they are few enough to look at all of them. */
  start: Start | null;
  /** Where those that pass all filters are counted best; null = in the index of a sort. */
  counted: Start | null;
  /** How many pass all filters, where that is known by now; one more than are counted = more. */
  total: number | null;
}

/** Looks into the index of each filter, as far as it matters. */
export async function beginningOf(store: Store, { filters }: Filters): Promise<Beginning> {
  const starts = filters.flatMap(({ start }) => start ?? []);
  if (starts.length === 0) return { start: null, counted: null, total: null };
  const isOnly = filters.length === 1;
  const countedTo = ({ countedTo: to }: Start): number => (isOnly ? countedAtMost : to);
  const counts = starts.map(
    (start, at) =>
      sql`(select count(*) from (select 1 as one ${start.entries} limit ${countedTo(start) + 1}) as some_of_them) as ${sql.ref(`n${at}`)}`,
  );
  const { rows } = await sql<Record<string, number>>`select ${sql.join(counts)}`.execute(store.app);
  const sizes = starts.map((start, at) => ({ start, n: rows[0]?.[`n${at}`] ?? 0 }));
  const least = sizes.reduce((best, one) => (one.n < best.n ? one : best));
  return {
    start: least.n <= few ? least.start : null,
    counted: least.n <= countedTo(least.start) ? least.start : null,
    total: isOnly ? least.n : null,
  };
}
