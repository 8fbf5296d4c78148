// What a dialect offers beyond Kysely: bulk writes and the few fragments of SQL that differ. Implemented by sqlite.ts and postgres.ts.
import type { Expression, Kysely, RawBuilder } from "kysely";

export type ColumnType = "bigint" | "integer" | "real" | "text" | "bytes";
export type SqlValue = string | number | null | Uint8Array;

/** `key` is what a conflict is about. ignore: rows that exist are left alone; update: they get the new values of all other columns. */
export interface BulkTable {
  readonly table: string;
  readonly columns: readonly (readonly [name: string, type: ColumnType])[];
  readonly key: readonly string[];
}

/** Column types and clauses of CREATE TABLE that the engines spell differently. */
export interface Ddl {
  /** An integer primary key that we choose ourselves. */
  idKey: string;
  /** A primary key that the database counts up. */
  autoKey: string;
  bigint: string;
  integer: string;
  real: string;
  text: string;
  bytes: string;
  /** Ends a table whose rows live in its primary key. */
  clustered: string;
  /** A text field of a column that holds a JSON object, as SQL that an index may be made of; null where it is none. */
  jsonText(column: string, field: string): string;
  /** The part of a key between its first `:` and its first `#`: which repository it is of. */
  repositoryPart(column: string): string;
  /** As the condition of an index: it is asked for every row that is written. */
  isOneOf(column: string, numbers: readonly number[]): string;
  /** Statements that make an index of rows looked up by their number; none where rows live in it. */
  numberIndex(name: string, table: string, columns: string): string[];
  /** Statements that make a text index of this name. */
  textIndex(name: string): string[];
  /** Statements that let a text index, and what it holds already, be searched from the newest text on. */
  textIndexFromNewest(name: string): string[];
}

/** Each part is words that stand one after the other; the last of them may be only a beginning. All parts must be found. */
export type TextQuery = readonly { words: readonly string[]; isPrefix: boolean }[];

/** Words by document, a number; higher ones are newer. Words are what `searchWords` makes: lower case, letters and digits alone. */
export interface TextIndex {
  /** Replaces what the document held. */
  put(db: AnyDatabase, name: string, doc: number, text: { title: string[]; body: string[] }): Promise<void>;
  remove(db: AnyDatabase, name: string, docs: readonly number[]): Promise<void>;
  /** Newest first; `upTo` is the highest document that counts. */
  find(db: AnyDatabase, name: string, query: TextQuery, options: { upTo: number; limit: number }): Promise<number[]>;
}

// Bulk writes work on tables by name, whatever the schema: the one place where the database's type is not known.
export type AnyDatabase = Kysely<never>;

export interface Engine {
  readonly kind: "sqlite" | "postgres";
  readonly ddl: Ddl;
  readonly text: TextIndex;
  /** For error messages: a path, or host and database without the password. */
  readonly place: string;
  /** Returns the rows that were there already (`ignore`; empty for `update`). Call it inside a transaction. */
  insertRows(
    db: AnyDatabase,
    table: BulkTable,
    rows: readonly (readonly SqlValue[])[],
    conflict: "ignore" | "update",
  ): Promise<(readonly SqlValue[])[]>;
  /** Each row holds the values of `table.key`. */
  deleteRows(db: AnyDatabase, table: BulkTable, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** All rows of `table` whose first key columns have these values; each row of `keys` as wide as the columns it names. */
  selectByKey<Row>(
    db: AnyDatabase,
    table: BulkTable,
    columns: readonly string[],
    keys: readonly (readonly SqlValue[])[],
  ): Promise<Row[]>;
  /** These keys as a table to ask something of each: `from ${keyTable(…)} as k`. At most some thousand of them. */
  keyTable(
    columns: readonly (readonly [string, "bigint" | "integer"])[],
    keys: readonly (readonly number[])[],
  ): RawBuilder<unknown>;
  /** `column IN (values)` with one parameter, so the statement is prepared once whatever their number. */
  isAnyOf(column: string, type: "bigint" | "text", values: readonly (number | string)[]): RawBuilder<boolean>;
  /** `column IN (query)`, whose few rows are looked up one by one in the column's index whatever the planner expects of them. */
  isFoundBy(column: string, query: Expression<unknown>): RawBuilder<boolean>;
  /** Makes other processes that migrate wait until this transaction ends. */
  lockForMigration(db: AnyDatabase): Promise<void>;
}
