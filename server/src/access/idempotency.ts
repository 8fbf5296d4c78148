// Idempotency-Key: the answer is kept in the transaction that made it, so a repeated request gets it again, also after a crash.
import { createHash } from "node:crypto";
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

/**
 * The same for work that has transactions of its own: at most once, too. A request that was cut off by a crash is not done again: whether it
 * was done can't be known, so the answer to its key is a conflict until the key is forgotten.
 */
export async function answerOnce(
  store: Store,
  ctx: Caller & Pick<VerbContext, "signal">,
  request: Pick<OnceOptions, "verb" | "input">,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const key = keyOf(ctx);
  if (key === undefined) return await work();
  for (const begun = performance.now(); ; await sleep(lookAgainMs, undefined, { signal: ctx.signal })) {
    const found = await store.app.transaction().execute((tx) => claim(tx, ctx, key, request));
    if (found.is === "answered") return JSON.parse(found.answer) as unknown;
    if (found.is === "mine") break;
    if (performance.now() - begun > patienceMs) throw underWay(key);
  }
  try {
    const made = await work();
    await keep(store.app, ctx, key, made);
    return made;
  } catch (error) {
    await store.app.deleteFrom("idempotency_keys").where(ofKey(ctx, key)).where("answer", "is", null).execute();
    throw error;
  }
}

function keyOf({ idempotencyKey: key }: Caller): string | undefined {
  if (key !== undefined && !keyForm.test(key))
    throw new AppError("bad_request", "Idempotency-Key should be 1 to 255 printable ASCII characters without spaces.");
  return key;
}

const underWay = (key: string): AppError =>
  new AppError(
    "conflict",
    `A request with the Idempotency-Key "${key}" is under way, or was cut off. Look whether it was done; to do it again send a new key.`,
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
): Promise<Claim> {
  const at = ctx.now().getTime();
  const inputHash = createHash("sha256").update(canonical(input)).digest("base64url");
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
    })
    .onConflict((conflict) => conflict.columns(["workspace", "actor", "key"]).doNothing())
    .returning("key")
    .executeTakeFirst();
  if (mine !== undefined) return { is: "mine" };
  const before = await tx
    .selectFrom("idempotency_keys")
    .select(["verb", "input_hash", "answer"])
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
  return before.answer === null ? { is: "under way" } : { is: "answered", answer: before.answer };
}

/** Drops what was kept longer than a client may rely on. */
export async function forgetOldKeys(store: Store, now: Date): Promise<void> {
  await store.app
    .deleteFrom("idempotency_keys")
    .where("created_at", "<=", now.getTime() - keptMs)
    .execute();
}

/** JSON whose members stand in one order, so that the order they were sent in does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
