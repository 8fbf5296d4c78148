// What need not be asked: a look at how all scopes stand at the vendor, against how they stood when they were last read.
import { AppError } from "@opentrace/contract/errors.ts";
import type { Connection } from "./connections.ts";
import { isCredentialRefused } from "./health.ts";
import type { ScopeRow } from "./integrations.ts";
import type { StreamRow, SyncState } from "./sync-state.ts";

export interface Glance {
  at: number;
  /** Of each scope: its streams as they stand now. */
  marks: ReadonlyMap<string, Record<string, string>>;
  /** Of each scope: the streams that are as they were when they were last read well. */
  unchanged: ReadonlyMap<string, ReadonlySet<string>>;
  /** Scopes that have more here than at the vendor: something was deleted there. */
  shrunk: ReadonlySet<string>;
}

export interface GlanceDeps {
  connection: Connection;
  state: SyncState;
  now(this: void): Date;
}

const nothing = (at: number): Glance => ({ at, marks: new Map(), unchanged: new Map(), shrunk: new Set() });

/**
 * In a full pass a stream counts as unchanged only when it has as many items here as there: what was synced since the last full pass never
 * took anything away. Throws what refuses the credential; a look that fails otherwise finds nothing, and everything is asked as ever.
 */
export async function takeGlance(
  { connection, state, now }: GlanceDeps,
  asked: { scopes: readonly ScopeRow[]; streams: readonly string[]; mode: "full" | "incremental" },
  signal: AbortSignal,
): Promise<Glance> {
  const at = now().getTime();
  const { glance } = connection.connector;
  if (glance === undefined || asked.scopes.length === 0) return nothing(at);
  const rows = new Map((await state.streams()).map((row) => [`${row.stream} ${row.scope}`, row]));
  // One that may not be read would hide the others of its scope.
  const off = new Set([...rows.values()].filter((row) => row.state === "off").map((row) => row.stream));
  const streams = asked.streams.filter((stream) => !off.has(stream));
  const ctx = connection.context(signal);
  const found = await glance(ctx, { scopes: asked.scopes.map(({ choice }) => choice), streams }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof AppError) || isCredentialRefused(error)) throw error;
      ctx.log.debug({ err: error }, "no look at all scopes at once");
      return null;
    },
  );
  if (found === null) return nothing(at);
  const items = await state.countItems();
  const unchanged = new Map<string, Set<string>>();
  const shrunk = new Set<string>();
  const marks = new Map<string, Record<string, string>>();
  for (const [scope, of] of found)
    for (const [stream, { mark, items: there }] of Object.entries(of)) {
      marks.set(scope, { ...marks.get(scope), [stream]: mark });
      const row = rows.get(`${stream} ${scope}`);
      if (row === undefined || !isWell(row)) continue;
      const here = items.get(scope)?.get(stream) ?? 0;
      const same = row.mark === mark;
      if (same && (asked.mode === "incremental" || there === null || there === here))
        unchanged.set(scope, (unchanged.get(scope) ?? new Set()).add(stream));
      if (!same && there !== null && here > there) shrunk.add(scope);
    }
  return { at, marks, unchanged, shrunk };
}

const isWell = (row: StreamRow): boolean => row.completed_at !== null && row.pass === null && row.state === "ok";
