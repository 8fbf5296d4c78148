import { beforeAll, expect, it } from "vitest";
import type { IncidentFilter, IncidentList } from "@opentrace/contract/incidents.ts";
import type { SqlValue } from "../store/engine.ts";
import { untyped } from "../store/store.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { writeIncidentText } from "./incident-text.ts";
import { severityNumber, statusNumber } from "./incident-rows.ts";
import { listIncidents } from "./list-incidents.ts";

interface Row {
  seq: number;
  severity: number;
  status: number;
  owner: string | null;
  merged: boolean;
  startedAt: number;
  updatedAt: number;
  services: string[];
  tags: string[];
}

const count = 12_500;
const day = 86_400_000;
const start = Date.UTC(2024, 0, 1);

/** Enough that some filters leave few and others more than are looked at or counted; no two sorts are the same order. */
const rows = Array.from({ length: count }, (_, at): Row => {
  const seq = at + 1;
  return {
    seq,
    severity: seq % 4,
    status: seq % 97 === 0 ? seq % 2 : 3,
    owner: seq % 5 === 0 ? null : `person${(seq * 7) % 60}`,
    merged: seq % 31 === 0,
    startedAt: start + ((seq * 7_919) % 1_000) * day,
    updatedAt: start + ((seq * 3) % 5_000) * 1_000,
    services: seq % 50 === 0 ? ["checkout"] : [],
    tags: [
      ...(seq % 3 === 0 ? ["eu"] : []),
      ...(seq % 2 === 0 ? ["common"] : []),
      ...(seq % 400 === 0 ? ["rare"] : []),
    ],
  };
});

function passes(row: Row, filter: IncidentFilter): boolean {
  const { merged = "exclude", since, until } = filter;
  const hasAny = (names: readonly string[] | undefined, own: readonly string[]): boolean =>
    names === undefined || names.some((name) => own.includes(name.toLowerCase()));
  return (
    (merged === "include" || row.merged === (merged === "only")) &&
    (filter.status === undefined || filter.status.map(statusNumber).includes(row.status)) &&
    (filter.severity === undefined || filter.severity.map(severityNumber).includes(row.severity)) &&
    (filter.owner === undefined || (row.owner !== null && filter.owner.includes(row.owner))) &&
    (filter.has_owner === undefined || filter.has_owner === (row.owner !== null)) &&
    (since === undefined || row.startedAt >= Date.parse(since)) &&
    (until === undefined || row.startedAt < Date.parse(until)) &&
    hasAny(filter.service, row.services) &&
    hasAny(filter.tag, row.tags)
  );
}

function expected(filter: IncidentFilter): number[] {
  const { sort = "created_at", order = "desc" } = filter;
  const valueOf = (row: Row): number =>
    sort === "severity"
      ? row.severity
      : sort === "status"
        ? row.status
        : sort === "updated_at"
          ? row.updatedAt
          : row.seq;
  const sign = order === "desc" ? -1 : 1;
  return rows
    .filter((row) => passes(row, filter))
    .sort((a, b) => sign * (valueOf(a) - valueOf(b) || a.seq - b.seq))
    .map((row) => row.seq);
}

forEachStore("lists of many incidents", (test) => {
  beforeAll(async () => {
    const { app, appEngine } = test.store;
    const columns = {
      seq: "bigint",
      id: "text",
      workspace: "text",
      title: "text",
      severity: "integer",
      status: "integer",
      owner: "text",
      affected_services: "text",
      affected_nodes: "text",
      tags: "text",
      metadata: "text",
      merged_into: "text",
      created_by: "text",
      started_at: "bigint",
      created_at: "bigint",
      updated_at: "bigint",
    } as const;
    const incidents = rows.map((row): SqlValue[] => [
      row.seq,
      `inc_${row.seq}`,
      "w",
      `Incident ${row.seq}`,
      row.severity,
      row.status,
      row.owner,
      JSON.stringify(row.services),
      "[]",
      JSON.stringify(row.tags),
      "{}",
      row.merged ? "inc_1" : null,
      "local",
      row.startedAt,
      start + row.seq,
      row.updatedAt,
    ]);
    const labels = rows.flatMap((row) => [
      ...row.services.map((name): SqlValue[] => ["w", row.merged ? "merged_service" : "service", name, row.seq]),
      ...row.tags.map((name): SqlValue[] => ["w", row.merged ? "merged_tag" : "tag", name, row.seq]),
    ]);
    const labelKey = ["workspace", "kind", "label", "incident"];
    await app.transaction().execute(async (tx) => {
      await appEngine.insertRows(
        untyped(tx),
        { table: "incidents", columns: Object.entries(columns), key: ["seq"] },
        incidents,
        "ignore",
      );
      await appEngine.insertRows(
        untyped(tx),
        {
          table: "incident_labels",
          columns: labelKey.map((name) => [name, name === "incident" ? "bigint" : "text"] as const),
          key: labelKey,
        },
        labels,
        "ignore",
      );
    });
  });

  const seqsOf = (page: IncidentList): number[] => page.items.map(({ id }) => Number(id.slice("inc_".length)));

  it("shows and counts what passes all filters, in the order of the sort, however few or many pass each", async () => {
    const filters: IncidentFilter[] = [
      {},
      { merged: "include" },
      { merged: "only" },
      { merged: "only", tag: ["eu"], sort: "severity" },
      { merged: "include", tag: ["rare"] },
      { status: ["open", "investigating"], sort: "severity" },
      { status: ["closed"] },
      { status: ["closed"], severity: ["low", "critical"], sort: "updated_at", order: "asc" },
      { status: ["closed"], owner: ["person7"] },
      { owner: ["person7", "person14", "nobody"], sort: "updated_at" },
      { owner: ["nobody"] },
      { has_owner: false },
      { has_owner: true, status: ["open"] },
      { has_owner: true, sort: "status", order: "asc" },
      { tag: ["common"] },
      { tag: ["Common"], sort: "updated_at" },
      { tag: ["common", "EU"], sort: "severity", order: "asc" },
      { tag: ["common"], severity: ["critical"] },
      { tag: ["rare"], service: ["checkout"], severity: ["low"] },
      { service: ["checkout"], status: ["closed"], sort: "updated_at" },
      { since: "2024-02-01T00:00:00Z", until: "2024-03-01T00:00:00Z" },
      { since: "2024-02-01T00:00:00Z", sort: "updated_at" },
      { until: "2024-02-01T00:00:00Z", tag: ["eu"], has_owner: false },
      { since: "2999-01-01T00:00:00Z" },
    ];
    for (const filter of filters) {
      const all = expected(filter);
      const said = JSON.stringify(filter);
      const first = await listIncidents(test.store, "w", { ...filter, limit: 50 });
      expect(first.total, said).toBe(all.length > 10_000 ? null : all.length);
      expect(seqsOf(first), said).toEqual(all.slice(0, 50));
      if (first.next_cursor === null) {
        expect(all.length, said).toBeLessThanOrEqual(50);
        continue;
      }
      const second = await listIncidents(test.store, "w", { ...filter, limit: 50, cursor: first.next_cursor });
      expect(seqsOf(second), said).toEqual(all.slice(50, 100));
      expect(second.total).toBeNull();
      expect(await listIncidents(test.store, "other", { ...filter, limit: 50 }), said).toMatchObject({
        items: [],
        total: 0,
      });
    }
  });

  it("pages through more titles with a word than are looked at for one page, each incident once", async () => {
    const { app } = test.store;
    const named = rows.slice(0, 560);
    await app.transaction().execute(async (tx) => {
      for (const { seq } of named)
        await writeIncidentText(test.store, tx, {
          workspace: "w",
          id: `inc_${seq}`,
          title: `Incident ${seq}`,
          description: null,
        });
    });
    const seen: number[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await listIncidents(test.store, "w", { q: "incident", limit: 100, cursor });
      if (cursor === undefined) expect(page.total).toBeNull();
      seen.push(...seqsOf(page));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    const all = named.filter((row) => !row.merged).map((row) => row.seq);
    expect(seen).toEqual(all.toReversed());
  });
});
