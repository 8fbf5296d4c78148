// Opens the store: two files when embedded (app.db, graph.db), two schemas on PostgreSQL. Everything above talks Kysely.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import { makeEdgesByTarget } from "./edges-by-target.ts";
import type { AnyDatabase, Engine } from "./engine.ts";
import { appMigrations, graphMigrations, migrate } from "./migrate.ts";
import type { PostgresOptions } from "./postgres.ts";
import { openSqlite } from "./sqlite.ts";
import type { GraphTables } from "./graph-tables.ts";
import type { AppTables } from "./tables.ts";

export type StoreConfig = { dataDir: string } | { databaseUrl: string };
export type GraphDatabase = Kysely<GraphTables>;

export interface Store {
  readonly kind: Engine["kind"];
  /** What worker threads open a connection of their own with (openGraphReader). */
  readonly config: StoreConfig;
  readonly app: Kysely<AppTables>;
  readonly appEngine: Engine;
  readonly graph: GraphDatabase;
  readonly graphEngine: Engine;
  close(): Promise<void>;
}

/** Bulk writes and migrations don't know the tables' types: the one cast, safe because both sides run plain SQL. */
export const untyped = (db: Kysely<GraphTables> | Kysely<AppTables>): AnyDatabase => db as unknown as AnyDatabase;

/** For a process that reads each page of the graph once, if at all, and writes most of them in few batches: `opentrace index`, the index process. */
export const littleReading = { graphReaderCacheKib: 2_048, graphWriterCacheKib: 6_144 };

export async function openStore(
  config: StoreConfig,
  { graphReaderCacheKib = 16_384, graphWriterCacheKib = 16_384 }: Partial<typeof littleReading> = {},
): Promise<Store> {
  if ("dataDir" in config) createFolder(config.dataDir);
  const app =
    "dataDir" in config
      ? openSqlite<AppTables>({
          path: join(config.dataDir, "app.db"),
          synchronous: "FULL",
          writerCacheKib: 2_048,
          readerCacheKib: 2_048,
        })
      : await openPostgres<AppTables>({ url: config.databaseUrl, schema: "app" });
  const graph =
    "dataDir" in config
      ? openSqlite<GraphTables>({
          path: join(config.dataDir, "graph.db"),
          synchronous: "NORMAL",
          readerCacheKib: graphReaderCacheKib,
          writerCacheKib: graphWriterCacheKib,
        })
      : await openPostgres<GraphTables>({ url: config.databaseUrl, schema: "graph" });
  const close = async (): Promise<void> => {
    await app.db.destroy();
    await graph.db.destroy();
  };
  try {
    await migrate(untyped(app.db), app.engine, "app", appMigrations);
    await migrate(untyped(graph.db), graph.engine, "graph", graphMigrations);
    if (graph.engine.kind === "sqlite") await makeEdgesByTarget(graph.db);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    kind: app.engine.kind,
    config,
    app: app.db,
    appEngine: app.engine,
    graph: graph.db,
    graphEngine: graph.engine,
    close,
  };
}

function createFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError("unavailable", `The data folder ${path} can't be created: check OPENTRACE_DATA.`, { cause });
  }
}

/** A reading connection of one's own: for worker threads. */
export async function openGraphReader(config: StoreConfig): Promise<{ db: GraphDatabase; engine: Engine }> {
  return "dataDir" in config
    ? openSqlite<GraphTables>({
        path: join(config.dataDir, "graph.db"),
        synchronous: "NORMAL",
        readOnly: true,
        readerCacheKib: 4_096,
      })
    : await openPostgres<GraphTables>({ url: config.databaseUrl, schema: "graph", maxConnections: 2 });
}

/** Its client is loaded only where it is used: the embedded store starts without. */
async function openPostgres<Tables>(options: PostgresOptions): Promise<{ db: Kysely<Tables>; engine: Engine }> {
  const postgres = await import("./postgres.ts");
  return postgres.openPostgres<Tables>(options);
}

/** Runs `work` on one unchanging state of the graph, however long it takes and whatever is written meanwhile. */
export async function withGraphSnapshot<T>(config: StoreConfig, work: (db: GraphDatabase) => Promise<T>): Promise<T> {
  const { db, engine } = await openGraphReader(config);
  try {
    if (engine.kind === "postgres") {
      return await db
        .transaction()
        .setIsolationLevel("repeatable read")
        .setAccessMode("read only")
        .execute((tx) => work(tx));
    }
    // The handle is ours alone, so a plain BEGIN pins its state until it is closed.
    await sql`begin`.execute(db);
    return await work(db);
  } finally {
    await db.destroy();
  }
}
