// Idempotency-Key: the answer is kept in the transaction that made it, so a repeated request gets it again, also after a crash.
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExpressionBuilder, Kysely, Transaction } from "kysely";
import { AppError } from "@opentrace/contract/errors.ts";
import type { Store } from "../store/store.ts";
import type { AppTables } from "../store/tables.ts";
import type { VerbContext } from "../verb.ts";

export type AppTransaction = Transaction<AppTables>;

const keptMs = 24 * 3_600_000;
const keyForm = /^[\x21-\x7e]{1,255}$/;

export interface OnceOptions {
  verb: string;
  input: unknown;
  /** After the commit, and only when `work` has run. */
  committed?(this: void): Promise<void>;
}

type Caller = Pick<VerbContext, "actor" | "workspace" | "now" | "idempotencyKey">;

/** Runs `work` in a transaction of app.db; with an Idempotency-Key at most once in 24 h for each actor and key. */
export async function once<T>(
  store: Store,
  ctx: Caller,
  { committed, ...request }: OnceOptions,
  work: (tx: AppTransaction) => Promise<T>,
): Promise<T> {
  let isRepeated = false;
  const answer = await store.app.transaction().execute(async (tx) => {
    const key = keyOf(ctx);
    if (key === undefined) return await work(tx);
    const found = await claim(tx, ctx, key, request);
    if (found.is === "under way") throw underWay(key);
    if (found.is === "answered") {
      isRepeated = true;
      return JSON.parse(found.answer) as T;
    }
    const made = await work(tx);
    await keep(tx, ctx, key, made);
    return made;
  });
  if (!isRepeated) await committed?.();
  return answer;
}

const patienceMs = 10_000;
const lookAgainMs = 50;
/** Who works holds the key so long, again and again: after that, what worked on it is taken for dead. */
const heldMs = 30_000;

/**
 * The same for work that has transactions of its own, and does no harm when it is done again: at most once while the server lives. What a
 * crash cut off is done again by the next request with its key.
 */
export async function answerOnce(
  store: Store,
  ctx: Caller & Pick<VerbContext, "signal">,
  request: Pick<OnceOptions, "verb" | "input">,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const key = keyOf(ctx);
  if (key === undefined) return await work();
  const holder = randomUUID();
  for (const begun = performance.now(); ; await sleep(lookAgainMs, undefined, { signal: ctx.signal })) {
    const found = await store.app.transaction().execute((tx) => claim(tx, ctx, key, request, holder));
    if (found.is === "answered") return JSON.parse(found.answer) as unknown;
    if (found.is === "mine") break;
    if (performance.now() - begun > patienceMs) throw underWay(key);
  }
  const hold = setInterval(() => {
    // One that is missed costs nothing: there are others before the key is free.
    store.app
      .updateTable("idempotency_keys")
      .set({ held_until: ctx.now().getTime() + heldMs })
      .where(ofKey(ctx, key))
      .where("holder", "=", holder)
      .execute()
      .catch(() => {});
  }, heldMs / 6);
  try {
    const made = await work();
    await keep(store.app, ctx, key, made);
    return made;
  } catch (error) {
    await store.app.deleteFrom("idempotency_keys").where(ofKey(ctx, key)).where("holder", "=", holder).execute();
    throw error;
  } finally {
    clearInterval(hold);
  }
}

/** What was answered to this request before, so that it need not pass checks again; undefined = it has to be done. */
export async function answeredBefore(
  store: Store,
  ctx: Caller,
  { verb, input }: Pick<OnceOptions, "verb" | "input">,
): Promise<unknown> {
  const key = keyOf(ctx);
  if (key === undefined) return undefined;
  const row = await store.app
    .selectFrom("idempotency_keys")
    .select("answer")
    .where(ofKey(ctx, key))
    .where("created_at", ">", ctx.now().getTime() - keptMs)
    .where("verb", "=", verb)
    .where("input_hash", "=", hashOf(input))
    .executeTakeFirst();
  return row === undefined || row.answer === null ? undefined : (JSON.parse(row.answer) as unknown);
}

/** For a caller who knows that no other process works on this store: who held keys is gone. */
export async function freeHeldKeys(store: Store): Promise<void> {
  await store.app.updateTable("idempotency_keys").set({ held_until: 0 }).where("answer", "is", null).execute();
}

function keyOf({ idempotencyKey: key }: Caller): string | undefined {
  if (key !== undefined && !keyForm.test(key))
    throw new AppError("bad_request", "Idempotency-Key should be 1 to 255 printable ASCII characters without spaces.");
  return key;
}

const underWay = (key: string): AppError =>
  new AppError(
    "conflict",
    `A request with the Idempotency-Key "${key}" is under way: send it again in a moment. If a crash cut it off, it is done again from ${heldMs / 1_000} s after that.`,
    { details: { idempotency_key: key } },
  );

const ofKey =
  ({ workspace, actor }: Caller, key: string) =>
  (where: ExpressionBuilder<AppTables, "idempotency_keys">) =>
    where.and([where("workspace", "=", workspace), where("actor", "=", actor.id), where("key", "=", key)]);

async function keep(db: Kysely<AppTables>, ctx: Caller, key: string, made: unknown): Promise<void> {
  await db
    .updateTable("idempotency_keys")
    .set({ answer: JSON.stringify(made) })
    .where(ofKey(ctx, key))
    .execute();
}

type Claim = { is: "mine" } | { is: "under way" } | { is: "answered"; answer: string };

/** Throws `unprocessable` when the key was used for another request. */
async function claim(
  tx: AppTransaction,
  ctx: Caller,
  key: string,
  { verb, input }: Pick<OnceOptions, "verb" | "input">,
  holder: string | null = null,
): Promise<Claim> {
  const at = ctx.now().getTime();
  const inputHash = hashOf(input);
  const hold = { holder, held_until: holder === null ? 0 : at + heldMs };
  await tx
    .deleteFrom("idempotency_keys")
    .where(ofKey(ctx, key))
    .where("created_at", "<=", at - keptMs)
    .execute();
  // Another request with this key that is under way holds the row: PostgreSQL waits here for its end, SQLite has one writer.
  const mine = await tx
    .insertInto("idempotency_keys")
    .values({
      workspace: ctx.workspace,
      actor: ctx.actor.id,
      key,
      verb,
      input_hash: inputHash,
      answer: null,
      created_at: at,
      ...hold,
    })
    .onConflict((conflict) => conflict.columns(["workspace", "actor", "key"]).doNothing())
    .returning("key")
    .executeTakeFirst();
  if (mine !== undefined) return { is: "mine" };
  const before = await tx
    .selectFrom("idempotency_keys")
    .select(["verb", "input_hash", "answer", "held_until"])
    .where(ofKey(ctx, key))
    .executeTakeFirst();
  // What held the key failed at this moment, and gave it back.
  if (before === undefined) return { is: "under way" };
  if (before.verb !== verb || before.input_hash !== inputHash)
    throw new AppError(
      "unprocessable",
      `The Idempotency-Key "${key}" was used for another request (${before.verb}) in the last 24 hours. Send a new key, or the same request.`,
      { details: { idempotency_key: key, verb: before.verb } },
    );
  if (before.answer !== null) return { is: "answered", answer: before.answer };
  if (before.held_until > at) return { is: "under way" };
  const taken = await tx
    .updateTable("idempotency_keys")
    .set(hold)
    .where(ofKey(ctx, key))
    .where("answer", "is", null)
    .where("held_until", "=", before.held_until)
    .returning("key")
    .executeTakeFirst();
  return taken === undefined ? { is: "under way" } : { is: "mine" };
}

/** Drops what was kept longer than a client may rely on. */
export async function forgetOldKeys(store: Store, now: Date): Promise<void> {
  await store.app
    .deleteFrom("idempotency_keys")
    .where("created_at", "<=", now.getTime() - keptMs)
    .execute();
}

const hashOf = (input: unknown): string => createHash("sha256").update(canonical(input)).digest("base64url");

/** JSON whose members stand in one order, so that the order they were sent in does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
