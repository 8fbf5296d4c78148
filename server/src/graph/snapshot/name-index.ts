// The search index: finds and lists nodes by name. It costs nothing while indexing; it is read from the nodes table when somebody
// searches and then follows the graph's changes.
import type { MatchKind } from "@opentrace/contract/graph-answers.ts";
import type { IndexEntry } from "./entry.ts";
import { createNameSearch } from "./name-search.ts";
import { type NameFilter, NameTable } from "./name-table.ts";
import { selectBest } from "./select-best.ts";

export type { NameFilter } from "./name-table.ts";

export interface NameHit {
  id: number;
  score: number;
  match: MatchKind;
}

export interface NameIndex {
  /** So much of it is outdated that building it anew is cheaper. */
  readonly isWorn: boolean;
  /** `degree` = edges of the node, a tie-breaker. Replaces an entry of the same id. */
  add(entry: IndexEntry, sources: number | readonly number[], degree: number): void;
  remove(id: number): void;
  /** The best `limit` hits after the first `offset`, and how many there are in all. */
  search(query: string, filter: NameFilter, offset: number, limit: number): { hits: NameHit[]; total: number };
  /** Nodes by name, then id; those that only the indexer named (`<anonymous1>`) at the end. The cursor is the last node's [name, id]. */
  list(
    filter: NameFilter,
    namePrefix: string,
    after: readonly [string, number] | null,
    limit: number,
  ): { ids: number[]; total: number; last: [string, number] | null };
  idsOf(filter: NameFilter): number[];
}

export function createNameIndex(): NameIndex {
  const table = new NameTable();
  return {
    get isWorn() {
      return table.isWorn;
    },
    add: (entry, sources, degree) => table.add(entry, sources, degree),
    remove: (id) => table.remove(id),
    search: createNameSearch(table),
    list: (filter, namePrefix, after, limit) => list(table, filter, namePrefix, after, limit),
    idsOf(filter) {
      const accept = table.acceptor(filter);
      const found: number[] = [];
      for (let slot = 0; slot < table.slots; slot++) if (accept(slot)) found.push(table.ids.values[slot]!);
      return found;
    },
  };
}

/** How the names begin that the indexer gives to what has none. */
const madeUp = Buffer.from("<");

function list(
  table: NameTable,
  filter: NameFilter,
  namePrefix: string,
  after: readonly [string, number] | null,
  limit: number,
): ReturnType<NameIndex["list"]> {
  const accept = table.acceptor(filter);
  const prefix = namePrefix === "" ? null : Buffer.from(namePrefix.toLowerCase());
  const afterName = after === null ? null : Buffer.from(after[0]);
  const names = table.nameOf.values;
  const ids = table.ids.values;
  const isNamed = (slot: number): boolean => !table.names.beginsWith(names[slot]!, madeUp);
  const afterNamed = afterName !== null && !afterName.subarray(0, 1).equals(madeUp);
  let total = 0;
  const rest: number[] = [];
  for (let slot = 0; slot < table.slots; slot++) {
    if (!accept(slot)) continue;
    if (prefix !== null && !table.names.beginsWith(names[slot]!, prefix)) continue;
    total++;
    if (after !== null && afterName !== null) {
      const named = isNamed(slot);
      const order = named === afterNamed ? table.names.compareWith(names[slot]!, afterName) : named ? -1 : 1;
      if (order < 0 || (order === 0 && ids[slot]! <= after[1])) continue;
    }
    rest.push(slot);
  }
  const best = selectBest(rest, limit, (a, b) => {
    const named = isNamed(a);
    return named === isNamed(b) ? table.precedes(a, b) : named;
  });
  const last = best.at(-1);
  return {
    ids: best.map((slot) => ids[slot]!),
    total,
    last: last === undefined ? null : [table.names.text(names[last]!), ids[last]!],
  };
}
