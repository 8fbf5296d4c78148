// The embedded engine: a small Kysely dialect over node:sqlite. One connection writes, in serialised transactions; one reads, so that
// readers see committed data only (WAL) and never wait. Long because the driver, its connections and bulk writes share one handle a mode.
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { AnyDatabase, BulkTable, Engine, SqlValue, TextIndex } from "./engine.ts";

export interface SqliteOptions {
  path: string;
  /** FULL survives a power cut to the last transaction; NORMAL may lose the last ones but never breaks. */
  synchronous: "FULL" | "NORMAL";
  /** No writing connection: for worker threads. */
  readOnly?: boolean;
  writerCacheKib?: number;
  readerCacheKib?: number;
}

const busyWaitMs = 30;
const lockPatienceMs = 15_000;
const statementsKept = 256;

/** Rows to be written (or looked up) one by one with the same statement; travels as a query's only parameter. */
class RowBatch {
  /** Where rows that are read go; null = the statement writes. */
  readonly found: unknown[] | null;
  readonly rows: readonly (readonly SqlValue[])[];
  readonly ignored: (readonly SqlValue[])[] | null;
  constructor(
    rows: readonly (readonly SqlValue[])[],
    ignored: (readonly SqlValue[])[] | null,
    found: unknown[] | null = null,
  ) {
    this.rows = rows;
    this.ignored = ignored;
    this.found = found;
  }
}

/** node:sqlite's errors carry SQLite's result code; its low byte is the primary one. */
function toAppError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
  const free = `Free space or move the data folder (OPENTRACE_DATA).`;
  switch (error.errcode & 0xff) {
    case 13:
      return new AppError("storage_full", `The disk that holds ${path} is full; nothing was changed. ${free}`, {
        cause: error,
      });
    case 8:
      return new AppError("unavailable", `${path} is read-only: make the file and its folder writable.`, {
        cause: error,
      });
    case 5:
    case 6:
      return new AppError("unavailable", `${path} is locked by another process; try again in a moment.`, {
        cause: error,
      });
    case 10:
    case 14:
      return new AppError("unavailable", `${path} can't be read or written (${error.message}). ${free}`, {
        cause: error,
      });
    case 11:
    case 26:
      return new AppError("unavailable", `${path} is damaged or not a database (${error.message}): restore it.`, {
        cause: error,
      });
    default:
      return error;
  }
}

class Handle {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(options: SqliteOptions, mode: "read" | "write") {
    this.#db = new DatabaseSync(options.path, { readOnly: mode === "read", timeout: busyWaitMs });
    const cache = mode === "write" ? (options.writerCacheKib ?? 16_384) : (options.readerCacheKib ?? 16_384);
    if (mode === "write") {
      this.#db.exec("pragma journal_mode = wal");
      // Checkpoints in larger strides write a page that many batches touched once.
      this.#db.exec(`pragma synchronous = ${options.synchronous}; pragma wal_autocheckpoint = 16000;
        pragma journal_size_limit = 67108864`);
    }
    this.#db.exec(`pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -${cache}`);
  }

  prepare(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement !== undefined) {
      this.#statements.delete(text);
    } else {
      statement = this.#db.prepare(text);
      const oldest = this.#statements.size >= statementsKept ? this.#statements.keys().next() : null;
      if (oldest !== null && oldest.done !== true) this.#statements.delete(oldest.value);
    }
    this.#statements.set(text, statement);
    return statement;
  }

  exec(text: string): void {
    this.#db.exec(text);
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }
}

/** Kysely binds what node:sqlite accepts, but for these. */
function toInput(value: unknown): SQLInputValue {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  return value as SQLInputValue;
}

function runOn<R>(handle: Handle, query: CompiledQuery, path: string): QueryResult<R> {
  try {
    const statement = handle.prepare(query.sql);
    const first = query.parameters[0];
    if (first instanceof RowBatch) {
      for (const row of first.rows) {
        if (first.found !== null) {
          first.found.push(...statement.all(...(row as SQLInputValue[])));
          continue;
        }
        const { changes } = statement.run(...(row as SQLInputValue[]));
        if (changes === 0) first.ignored?.push(row);
      }
      return { rows: [] };
    }
    const parameters = query.parameters.map(toInput);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters) as R[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  } catch (error) {
    throw toAppError(error, path);
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #driver: SqliteDriver;
  /** Which handle this connection's transaction runs on; null outside of one. */
  transaction: "read" | "write" | null = null;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.transaction !== null) return this.#driver.run(this.transaction, query);
    const isRead = SelectQueryNode.is(query.query) || /^\s*select\b/i.test(query.sql);
    if (isRead || this.#driver.readOnly) return this.#driver.run("read", query);
    const release = await this.#driver.lock();
    try {
      return await this.#driver.retryWhileBusy(() => this.#driver.run("write", query));
    } finally {
      release();
    }
  }

  // oxlint-disable-next-line require-yield -- the interface asks for a generator; nobody streams from the embedded store
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new AppError("internal", "The embedded store pages by key instead of streaming.");
  }
}

class SqliteDriver implements Driver {
  readonly #options: SqliteOptions;
  #writer: Handle | null = null;
  #reader: Handle | null = null;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: SqliteOptions) {
    this.#options = options;
  }

  get readOnly(): boolean {
    return this.#options.readOnly === true;
  }

  async init(): Promise<void> {
    try {
      if (!this.readOnly) await this.retryWhileBusy(() => (this.#writer = new Handle(this.#options, "write")));
      this.#reader = new Handle(this.#options, "read");
    } catch (error) {
      throw toAppError(error, this.#options.path);
    }
  }

  run<R>(mode: "read" | "write", query: CompiledQuery): QueryResult<R> {
    const handle = mode === "write" ? this.#writer : this.#reader;
    if (handle === null) throw new AppError("unavailable", `${this.#options.path} is not open for this.`);
    return runOn(handle, query, this.#options.path);
  }

  /** Waits for the writer's turn; the returned function gives it to the next. */
  async lock(): Promise<() => void> {
    const before = this.#tail;
    let release = (): void => {};
    this.#tail = new Promise((resolve) => (release = resolve));
    await before;
    return release;
  }

  /** Another process holds the write lock: wait without blocking the event loop. */
  async retryWhileBusy<T>(attempt: () => T): Promise<T> {
    const deadline = Date.now() + lockPatienceMs;
    for (let wait = 5; ; wait = Math.min(wait * 2, 200)) {
      try {
        return attempt();
      } catch (error) {
        const cause = error instanceof AppError ? error.cause : error;
        const code = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0;
        if ((code !== 5 && code !== 6) || Date.now() > deadline) throw error;
        await sleep(wait * (0.5 + Math.random()));
      }
    }
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SqliteConnection(this);
  }

  async releaseConnection(): Promise<void> {}

  readonly #releases = new WeakMap<SqliteConnection, () => void>();

  async beginTransaction(connection: DatabaseConnection, settings: { accessMode?: string }): Promise<void> {
    const own = connection as SqliteConnection;
    if (settings.accessMode === "read only") {
      // Read transactions get a handle of their own: two at once may want different snapshots.
      throw new AppError("internal", "Use openSnapshot for a consistent read of the embedded store.");
    }
    const release = await this.lock();
    try {
      await this.retryWhileBusy(() => this.run("write", CompiledQuery.raw("begin immediate")));
      own.transaction = "write";
      this.#releases.set(own, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    // A failed COMMIT leaves the transaction open: Kysely then calls rollback, which frees the writer.
    this.run("write", CompiledQuery.raw("commit"));
    this.#end(connection as SqliteConnection);
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      // SQLite has rolled back by itself after some errors (disk full, I/O).
      if (this.#writer?.inTransaction === true) this.run("write", CompiledQuery.raw("rollback"));
    } finally {
      this.#end(connection as SqliteConnection);
    }
  }

  #end(connection: SqliteConnection): void {
    connection.transaction = null;
    const release = this.#releases.get(connection);
    this.#releases.delete(connection);
    release?.();
  }

  async destroy(): Promise<void> {
    await this.#tail;
    this.#reader?.close();
    this.#writer?.close();
  }
}

/** Kysely's own would queue readers behind an open transaction. */
class TwoConnectionsAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

export function openSqlite<Tables>(options: SqliteOptions): { db: Kysely<Tables>; engine: Engine } {
  const dialect: Dialect = {
    createDriver: () => new SqliteDriver(options),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TwoConnectionsAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
  return { db: new Kysely<Tables>({ dialect }), engine: sqliteEngine(options.path) };
}

const quote = (name: string): string => `"${name}"`;

/** Rows count down from here: FTS5 gives the newest at once when they come first, and walks through all of a common word's otherwise. */
const firstText = 2 ** 40;

const sqliteTexts: TextIndex = {
  async put(db, name, doc, { title, body }) {
    const values = [firstText - doc, title.join(" "), body.join(" ")];
    const text = `insert or replace into ${quote(name)} (rowid, title, body) values (?, ?, ?)`;
    await db.executeQuery(CompiledQuery.raw(text, values));
  },

  async remove(db, name, docs) {
    const text = `delete from ${quote(name)} where rowid in (select value from json_each(?))`;
    await db.executeQuery(CompiledQuery.raw(text, [JSON.stringify(docs.map((doc) => firstText - doc))]));
  },

  async find(db, name, query, { upTo, limit }) {
    const parts = query.map(({ words, isPrefix }) => `"${words.join(" ")}"${isPrefix ? " *" : ""}`).join(" AND ");
    const text = `select rowid as place from ${quote(name)} where ${quote(name)} match ? and rowid >= ?
      order by rowid limit ?`;
    const { rows } = await db.executeQuery<{ place: number }>(
      CompiledQuery.raw(text, [parts, firstText - upTo, limit]),
    );
    return rows.map((row) => firstText - row.place);
  },
};

function sqliteEngine(path: string): Engine {
  const run = async (db: AnyDatabase, text: string, batch: RowBatch): Promise<void> => {
    await db.executeQuery(CompiledQuery.raw(text, [batch]));
  };
  return {
    kind: "sqlite",
    place: path,
    ddl: {
      idKey: "integer primary key",
      autoKey: "integer primary key autoincrement",
      bigint: "integer",
      integer: "integer",
      real: "real",
      text: "text",
      bytes: "blob",
      clustered: "without rowid",
      jsonText: (column, field) => `json_extract(${column}, '$.${field}')`,
      repositoryPart: (column) =>
        `substr(${column}, instr(${column}, ':') + 1, instr(${column} || '#', '#') - instr(${column}, ':') - 1)`,
      // A list of more than two is made into a table by each statement, which takes longer than the rest of an insert.
      isOneOf: (column, numbers) => `(${numbers.map((number) => `${column} = ${number}`).join(" or ")})`,
      // The texts are kept elsewhere. Words come ready to be split at spaces.
      numberIndex: () => [],
      textIndex: (name) => [
        `create virtual table ${quote(name)} using fts5(title, body, content='', contentless_delete=1, tokenize='ascii')`,
      ],
      // It is by its order: see `firstText`.
      textIndexFromNewest: () => [],
    },
    text: sqliteTexts,

    async insertRows(db, { table, columns, key }: BulkTable, rows, conflict) {
      if (rows.length === 0) return [];
      const names = columns.map(([name]) => quote(name)).join(", ");
      const sets = columns
        .filter(([name]) => !key.includes(name))
        .map(([name]) => `${quote(name)} = excluded.${quote(name)}`)
        .join(", ");
      const action = conflict === "ignore" || sets === "" ? "nothing" : `update set ${sets}`;
      const ignored: (readonly SqlValue[])[] = [];
      const text = `insert into ${quote(table)} (${names}) values (${columns.map(() => "?").join(", ")})
        on conflict (${key.map(quote).join(", ")}) do ${action}`;
      await run(db, text, new RowBatch(rows, conflict === "ignore" ? ignored : null));
      return ignored;
    },

    async deleteRows(db, { table, key }, rows) {
      if (rows.length === 0) return;
      const where = key.map((name) => `${quote(name)} = ?`).join(" and ");
      await run(db, `delete from ${quote(table)} where ${where}`, new RowBatch(rows, null));
    },

    async selectByKey<Row>(
      db: AnyDatabase,
      { table, key }: BulkTable,
      columns: readonly string[],
      keys: readonly (readonly SqlValue[])[],
    ) {
      const found: Row[] = [];
      if (keys.length === 0) return found;
      const where = key.slice(0, keys[0]!.length).map((name) => `${quote(name)} = ?`);
      const text = `select ${columns.map(quote).join(", ")} from ${quote(table)} where ${where.join(" and ")}`;
      await run(db, text, new RowBatch(keys, null, found));
      return found;
    },

    keyTable(columns, keys) {
      const named = columns.map(([name], index) => `value ->> ${index} as ${quote(name)}`).join(", ");
      return sql`(select ${sql.raw(named)} from json_each(${JSON.stringify(keys)}))`;
    },

    isAnyOf(column, _type, values) {
      return sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`;
    },

    isFoundBy: (column, query) => sql<boolean>`${sql.ref(column)} in (${query})`,

    // Every transaction here begins IMMEDIATE: it has the write lock already.
    async lockForMigration() {},
  };
}
