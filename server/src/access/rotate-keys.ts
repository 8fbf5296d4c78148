// Rotation of the master key: everything sealed under an older key is sealed anew, row by row, while readers and writers go on.
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import { type Store, untyped } from "../store/store.ts";
import { envelopeStart, type Keyring, type Sealer } from "./seal.ts";

/** A column that holds envelopes. Each domain names its own. */
export interface SealedColumn {
  table: string;
  column: string;
  id: string;
  purpose(this: void, id: string): string;
}

export interface RotateDeps {
  store: Pick<Store, "app">;
  sealer: Sealer;
  keyring: Keyring;
  columns: readonly SealedColumn[];
  /** Called now and then with the number of values sealed anew so far. */
  progress(this: void, resealed: number): void;
}

export interface Rotated {
  /** Values sealed anew by this run. */
  resealed: number;
  /** `table.column` of values that no key opens: they have to be given again. */
  damaged: string[];
}

const pageSize = 200;

interface Sealed {
  id: string;
  envelope: string;
}

/**
 * May be killed at any point and started again: what is sealed under the current key is not touched, and a value that was written
 * meanwhile is not overwritten.
 */
async function resealAll(deps: RotateDeps, signal: AbortSignal): Promise<Rotated> {
  const { store, sealer, keyring, columns, progress } = deps;
  const db = untyped(store.app);
  const rotated: Rotated = { resealed: 0, damaged: [] };
  for (const { table, column, id, purpose } of columns) {
    const [idRef, columnRef] = [sql.ref(id), sql.ref(column)];
    for (let after = ""; ;) {
      signal.throwIfAborted();
      const { rows } = await sql<Sealed>`select ${idRef} as id, ${columnRef} as envelope from ${sql.table(table)}
        where ${idRef} > ${after} and ${columnRef} not like ${`${envelopeStart(keyring.current().id)}%`}
        order by ${idRef} limit ${sql.lit(pageSize)}`.execute(db);
      for (const row of rows) {
        const fresh = reseal(sealer, row, purpose(row.id));
        if (fresh === null) rotated.damaged.push(`${table}.${column}`);
        else {
          const { numAffectedRows } = await sql`update ${sql.table(table)} set ${columnRef} = ${fresh}
            where ${idRef} = ${row.id} and ${columnRef} = ${row.envelope}`.execute(db);
          rotated.resealed += Number(numAffectedRows ?? 0n);
        }
        after = row.id;
      }
      progress(rotated.resealed);
      if (rows.length < pageSize) break;
    }
  }
  return rotated;
}

function reseal(sealer: Sealer, { envelope }: Sealed, purpose: string): string | null {
  try {
    return sealer.seal(sealer.open(envelope, purpose), purpose);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** Every text column of every table is looked at, not only those that are known to hold envelopes: a key that still opens one stays. */
async function columnsUnder(store: Pick<Store, "app">, keyIds: readonly string[]): Promise<string[]> {
  const db = untyped(store.app);
  const found: string[] = [];
  const tables = await db.introspection.getTables();
  for (const { name, columns } of tables.filter(({ schema }) => schema === undefined || schema === "app"))
    for (const { name: column, dataType } of columns) {
      if (!/text|char/i.test(dataType)) continue;
      for (const keyId of keyIds) {
        const { rows } = await sql`select 1 as one from ${sql.table(name)}
          where ${sql.ref(column)} like ${`${envelopeStart(keyId)}%`} limit 1`.execute(db);
        if (rows.length > 0) found.push(`${name}.${column}`);
      }
    }
  return found;
}

/**
 * Seals everything anew and answers when nothing is left under `olderKeys`. A writer may have sealed with the old key just before the new
 * one was there and write just after: so the last look comes `settleMs` after `since`.
 */
export async function retireKeys(
  deps: RotateDeps,
  { olderKeys, since, settleMs }: { olderKeys: readonly string[]; since: Date; settleMs: number },
  signal: AbortSignal,
): Promise<Rotated> {
  const first = await resealAll(deps, signal);
  await sleep(Math.max(0, since.getTime() + settleMs - Date.now()), undefined, { signal });
  const last = await resealAll(deps, signal);
  const left = await columnsUnder(deps.store, olderKeys);
  if (left.length === 0) return { resealed: first.resealed + last.resealed, damaged: last.damaged };
  throw new AppError(
    "conflict",
    `Values in ${left.join(", ")} are still sealed under the old master key and could not be sealed anew, so the old key is kept. Give those secrets again (repository token, integration credential), then run this again.`,
    { details: { columns: left } },
  );
}
