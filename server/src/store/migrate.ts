// Versioned forward migrations, applied under a lock so that two processes may start at once.
import { type Kysely, sql } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { AnyDatabase, Ddl, Engine, TextIndex } from "./engine.ts";
import { firstAppTables } from "./migrations/app-0001-first-tables.ts";
import { integrationTables } from "./migrations/app-0002-integrations.ts";
import { deliveryTables } from "./migrations/app-0003-deliveries.ts";
import { accessTables } from "./migrations/app-0004-access.ts";
import { incidentTables } from "./migrations/app-0005-incidents.ts";
import { investigationTables } from "./migrations/app-0006-investigation.ts";
import { readingTables } from "./migrations/app-0007-readings.ts";
import { sharedRateTables } from "./migrations/app-0008-shared-rates.ts";
import { incidentTitles } from "./migrations/app-0010-incident-titles.ts";
import { hypothesesByCause } from "./migrations/app-0011-hypotheses-by-cause.ts";
import { vendorHooks } from "./migrations/app-0012-vendor-hooks.ts";
import { incidentLists } from "./migrations/app-0013-incident-lists.ts";
import { heldKeys } from "./migrations/app-0014-held-keys.ts";
import { firstGraphTables } from "./migrations/graph-0001-first-tables.ts";
import { syncStateTables } from "./migrations/graph-0002-sync-state.ts";
import { writersTable } from "./migrations/graph-0003-writers.ts";
import { deliveryIndexes } from "./migrations/graph-0004-delivery-by-time.ts";
import { exactCounts } from "./migrations/graph-0005-exact-counts.ts";
import { streamMarks } from "./migrations/graph-0006-stream-marks.ts";
import { topologyChanges } from "./migrations/graph-0008-topology-changes.ts";
import { deliveryByHappening } from "./migrations/graph-0009-delivery-by-happening.ts";
import { deliveryByState } from "./migrations/graph-0010-delivery-by-state.ts";
import { cheapConditions } from "./migrations/graph-0011-cheap-conditions.ts";

export interface Migration {
  /** Counts up; never changed once released. One that is missing below the newest is applied all the same. */
  version: number;
  name: string;
  up(db: AnyDatabase, ddl: Ddl, text: TextIndex): Promise<void>;
}

export const appMigrations: readonly Migration[] = [
  firstAppTables,
  integrationTables,
  deliveryTables,
  accessTables,
  incidentTables,
  investigationTables,
  readingTables,
  sharedRateTables,
  incidentTitles,
  hypothesesByCause,
  vendorHooks,
  incidentLists,
  heldKeys,
];
export const graphMigrations: readonly Migration[] = [
  firstGraphTables,
  syncStateTables,
  writersTable,
  deliveryIndexes,
  exactCounts,
  streamMarks,
  topologyChanges,
  deliveryByHappening,
  deliveryByState,
  cheapConditions,
];

/** Throws `unavailable` when the database was written by a newer program. */
export async function migrate(
  db: Kysely<never>,
  engine: Engine,
  schema: "app" | "graph",
  migrations: readonly Migration[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await engine.lockForMigration(tx);
    if (engine.kind === "postgres") await sql`create schema if not exists ${sql.ref(schema)}`.execute(tx);
    await sql
      .raw(
        `create table if not exists schema_migrations (version ${engine.ddl.integer} primary key, name ${engine.ddl.text} not null,
          applied_at ${engine.ddl.bigint} not null)`,
      )
      .execute(tx);
    const { rows } = await sql<{ version: number }>`select version from schema_migrations`.execute(tx);
    const applied = new Set(rows.map((row) => row.version));
    const current = Math.max(0, ...applied);
    const newest = migrations.at(-1)?.version ?? 0;
    if (current > newest) {
      throw new AppError(
        "unavailable",
        `${engine.place} was written by a newer OpenTrace (its ${schema} schema is ${current}, this program knows ${newest}): start that version or a newer one.`,
      );
    }
    for (const migration of migrations) {
      if (applied.has(migration.version)) continue;
      await migration.up(tx, engine.ddl, engine.text);
      await sql`insert into schema_migrations (version, name, applied_at)
        values (${migration.version}, ${migration.name}, ${Date.now()})`.execute(tx);
    }
  });
}
