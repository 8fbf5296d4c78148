// The PostgreSQL engine: Kysely's own dialect over a pool, with our error messages, numbers for BIGINT, and bulk writes by unnest.
import pg from "pg";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  type QueryResult,
  sql,
  type TransactionSettings,
} from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { AnyDatabase, BulkTable, ColumnType, Engine, SqlValue } from "./engine.ts";
import { postgresTextDdl, postgresTexts } from "./postgres-texts.ts";

export interface PostgresOptions {
  url: string;
  schema: "app" | "graph";
  maxConnections?: number;
}

const statementTimeoutMs = 60_000;
const int8 = 20;

/** Host and database, never the password. */
function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `PostgreSQL at ${hostname || "localhost"}${port === "" ? "" : `:${port}`}${pathname}`;
  } catch {
    return "PostgreSQL (DATABASE_URL is not a URL)";
  }
}

const networkCodes = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "EPIPE", "EAI_AGAIN", "ENOENT"]);

function toAppError(error: unknown, place: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const make = (kind: "storage_full" | "unavailable" | "timeout", message: string): AppError =>
    new AppError(kind, message, { cause: error });
  if (code === "53100")
    return make("storage_full", `The disk of ${place} is full; nothing was changed. Free space there.`);
  if (code === "57014") return make("timeout", `${place} took longer than ${statementTimeoutMs / 1000} s to answer.`);
  if (code === "25006") return make("unavailable", `${place} is read-only: DATABASE_URL must name the primary.`);
  if (code === "28P01" || code === "28000")
    return make("unavailable", `${place} refused the login: check the user and password in DATABASE_URL.`);
  if (code === "3D000") return make("unavailable", `${place} does not exist: create the database first.`);
  if (networkCodes.has(code) || code.startsWith("08") || code.startsWith("57P") || code.startsWith("53"))
    return make("unavailable", `${place} can't be reached (${error.message}).`);
  if (/timeout exceeded when trying to connect|Connection terminated/.test(error.message))
    return make("unavailable", `${place} can't be reached (${error.message}).`);
  return error;
}

class GuardedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #place: string;

  constructor(inner: DatabaseConnection, place: string) {
    this.inner = inner;
    this.#place = place;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return await this.inner.executeQuery<R>(query);
    } catch (error) {
      throw toAppError(error, this.#place);
    }
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize);
  }
}

const innerOf = (connection: DatabaseConnection): never => (connection as GuardedConnection).inner as never;

class GuardedDriver implements Driver {
  readonly #inner: PostgresDriver;
  readonly #place: string;

  constructor(inner: PostgresDriver, place: string) {
    this.#inner = inner;
    this.#place = place;
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toAppError(error, this.#place);
    }
  }

  init(): Promise<void> {
    return this.#guard(() => this.#inner.init());
  }
  acquireConnection(): Promise<DatabaseConnection> {
    return this.#guard(async () => new GuardedConnection(await this.#inner.acquireConnection(), this.#place));
  }
  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return this.#guard(() => this.#inner.beginTransaction(innerOf(connection), settings));
  }
  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#guard(() => this.#inner.commitTransaction(innerOf(connection)));
  }
  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#guard(() => this.#inner.rollbackTransaction(innerOf(connection)));
  }
  savepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler["compileQuery"]): Promise<void> {
    return this.#inner.savepoint(innerOf(connection), name, compile);
  }
  rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler["compileQuery"],
  ): Promise<void> {
    return this.#inner.rollbackToSavepoint(innerOf(connection), name, compile);
  }
  releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler["compileQuery"],
  ): Promise<void> {
    return this.#inner.releaseSavepoint(innerOf(connection), name, compile);
  }
  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(innerOf(connection));
  }
  destroy(): Promise<void> {
    return this.#inner.destroy();
  }
}

function settingsOf(schema: PostgresOptions["schema"]): string[] {
  const settings = [
    `search_path=${schema}`,
    `statement_timeout=${statementTimeoutMs}`,
    "lock_timeout=30000",
    "idle_in_transaction_session_timeout=120000",
  ];
  // Its statements take milliseconds: less than it takes to start workers or a compiler for them.
  if (schema === "app") settings.push("max_parallel_workers_per_gather=0", "jit=off");
  return settings.map((setting) => `-c ${setting}`);
}

/**
 * The rows of a seldom word lie all over the table: asked for ahead, they come from a disk in a third of the time. A PostgreSQL that can't
 * read ahead refuses the setting, so it is no option of the connection.
 */
async function readAhead(client: pg.ClientBase): Promise<void> {
  await client.query("set effective_io_concurrency = 128").catch(() => undefined);
}

export function openPostgres<Tables>(options: PostgresOptions): { db: Kysely<Tables>; engine: Engine } {
  const place = placeOf(options.url);
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 8,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 30_000,
    options: settingsOf(options.schema).join(" "),
    application_name: "opentrace",
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for the promise; its types do not say so
    onConnect: options.schema === "app" ? readAhead : undefined,
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === int8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // An idle connection that breaks (server restart) is dropped by the pool; the next query opens another.
  pool.on("error", () => {});
  const dialect: Dialect = {
    createDriver: () => new GuardedDriver(new PostgresDriver({ pool }), place),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
  return { db: new Kysely<Tables>({ dialect }), engine: postgresEngine(place) };
}

const arrayTypes: Record<ColumnType, string> = {
  bigint: "bigint[]",
  integer: "integer[]",
  real: "double precision[]",
  text: "text[]",
  bytes: "bytea[]",
};
const quote = (name: string): string => `"${name}"`;
/** One array a column. Bounded, because one message holds them all. */
const rowsPerStatement = 5_000;

/** text can't hold NUL; JSON never contains a raw one, but names and paths from broken sources may. */
const toParameter = (value: SqlValue): unknown =>
  typeof value === "string"
    ? value.includes("\0")
      ? value.replaceAll("\0", "\uFFFD")
      : value
    : value instanceof Uint8Array
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      : value;

function toArrays(rows: readonly (readonly SqlValue[])[], width: number): unknown[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => toParameter(row[column] ?? null)));
}

function postgresEngine(place: string): Engine {
  return {
    kind: "postgres",
    place,
    ddl: {
      idKey: "bigint primary key",
      autoKey: "bigint generated by default as identity primary key",
      bigint: "bigint",
      integer: "integer",
      real: "double precision",
      text: "text",
      bytes: "bytea",
      clustered: "",
      // By pattern: a cast to jsonb would refuse the whole row for one NUL escape. In JSON a quote within a text is escaped, so it can't match.
      jsonText: (column, field) => `(substring(${column} from '"${field}":"([^"]*)"') collate "C")`,
      repositoryPart: (column) => `(substring(${column} from '^[^:]*:([^#]*)') collate "C")`,
      isOneOf: (column, numbers) => `${column} in (${numbers.join(", ")})`,
      numberIndex: (name, table, columns) => [`create index ${quote(name)} on ${quote(table)} (${columns})`],
      ...postgresTextDdl,
    },
    text: postgresTexts,

    async insertRows(db, { table, columns, key }: BulkTable, rows, conflict) {
      const names = columns.map(([name]) => quote(name)).join(", ");
      const unnest = columns.map(([, type], index) => `$${index + 1}::${arrayTypes[type]}`).join(", ");
      const sets = columns
        .filter(([name]) => !key.includes(name))
        .map(([name]) => `${quote(name)} = excluded.${quote(name)}`)
        .join(", ");
      const update = conflict === "update" && sets !== "";
      const ignored: (readonly SqlValue[])[] = [];
      const keyColumns = key.map((name) => columns.findIndex(([column]) => column === name));
      for (let at = 0; at < rows.length; at += rowsPerStatement) {
        const part = rows.slice(at, at + rowsPerStatement);
        const text = `insert into ${quote(table)} (${names}) select * from unnest(${unnest})
          on conflict (${key.map(quote).join(", ")}) do ${update ? `update set ${sets}` : "nothing"}
          ${update ? "" : `returning ${key.map(quote).join(", ")}`}`;
        const result = await db.executeQuery<Record<string, SqlValue>>(
          CompiledQuery.raw(text, toArrays(part, columns.length)),
        );
        if (update || result.rows.length === part.length) continue;
        const inserted = new Set(result.rows.map((row) => key.map((name) => row[name]).join("\0")));
        for (const row of part) {
          const identity = keyColumns.map((column) => row[column]).join("\0");
          // The first row of a key was inserted; a second one in the same call was not.
          if (!inserted.delete(identity)) ignored.push(row);
        }
      }
      return ignored;
    },

    async deleteRows(db, { table, columns, key }, rows) {
      const types = key.map((name) => columns.find(([column]) => column === name)?.[1] ?? "text");
      const unnest = types.map((type, index) => `$${index + 1}::${arrayTypes[type]}`).join(", ");
      const aliases = key.map((_, index) => `k${index}`);
      const where = key.map((name, index) => `t.${quote(name)} = k.${aliases[index]}`).join(" and ");
      for (let at = 0; at < rows.length; at += rowsPerStatement) {
        const part = rows.slice(at, at + rowsPerStatement);
        const text = `delete from ${quote(table)} as t using unnest(${unnest}) as k(${aliases.join(", ")}) where ${where}`;
        await db.executeQuery(CompiledQuery.raw(text, toArrays(part, key.length)));
      }
    },

    async selectByKey<Row>(
      db: AnyDatabase,
      { table, columns: all, key }: BulkTable,
      columns: readonly string[],
      keys: readonly (readonly SqlValue[])[],
    ) {
      const found: Row[] = [];
      const names = key.slice(0, keys[0]?.length ?? 0);
      const types = names.map((name) => all.find(([column]) => column === name)?.[1] ?? "text");
      const unnest = types.map((type, index) => `$${index + 1}::${arrayTypes[type]}`).join(", ");
      const where = names.map((name, index) => `t.${quote(name)} = k.k${index}`).join(" and ");
      for (let at = 0; at < keys.length; at += rowsPerStatement) {
        const part = keys.slice(at, at + rowsPerStatement);
        const text = `select ${columns.map((name) => `t.${quote(name)}`).join(", ")}
          from unnest(${unnest}) as k(${names.map((_, index) => `k${index}`).join(", ")})
          join ${quote(table)} as t on ${where}`;
        const result = await db.executeQuery<Row>(CompiledQuery.raw(text, toArrays(part, names.length)));
        found.push(...result.rows);
      }
      return found;
    },

    keyTable(columns, keys) {
      const arrays = columns.map(
        ([, type], index) => sql`${keys.map((key) => key[index])}::${sql.raw(arrayTypes[type])}`,
      );
      const names = sql.raw(columns.map(([name]) => quote(name)).join(", "));
      return sql`(select * from unnest(${sql.join(arrays)}) as u(${names}))`;
    },

    isAnyOf(column, type, values) {
      return sql<boolean>`${sql.ref(column)} = any(${values}::${sql.raw(type === "bigint" ? "bigint[]" : "text[]")})`;
    },

    isFoundBy: (column, query) => sql<boolean>`${sql.ref(column)} = any(array(${query}))`,

    async lockForMigration(db) {
      // An index over millions of rows takes longer than any request may, and who waits for it waits as long.
      await sql`set local statement_timeout = 0`.execute(db);
      await sql`set local lock_timeout = '10min'`.execute(db);
      await sql`select pg_advisory_xact_lock(727020264)`.execute(db);
    },
  };
}
