// Idempotency-Key: the answer is kept in the transaction that made it, so a repeated request gets it again, also after a crash.
import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
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

/** Runs `work` in a transaction of app.db; with an Idempotency-Key at most once in 24 h for each actor and key. */
export async function once<T>(
  store: Store,
  ctx: Pick<VerbContext, "actor" | "workspace" | "now" | "idempotencyKey">,
  { verb, input, committed }: OnceOptions,
  work: (tx: AppTransaction) => Promise<T>,
): Promise<T> {
  const key = ctx.idempotencyKey;
  if (key !== undefined && !keyForm.test(key))
    throw new AppError("bad_request", "Idempotency-Key should be 1 to 255 printable ASCII characters without spaces.");
  let isRepeated = false;
  const answer = await store.app.transaction().execute(async (tx) => {
    if (key === undefined) return await work(tx);
    const at = ctx.now().getTime();
    const row = { workspace: ctx.workspace, actor: ctx.actor.id, key };
    const inputHash = createHash("sha256").update(canonical(input)).digest("base64url");
    await tx
      .deleteFrom("idempotency_keys")
      .where("workspace", "=", row.workspace)
      .where("actor", "=", row.actor)
      .where("key", "=", key)
      .where("created_at", "<=", at - keptMs)
      .execute();
    // Another request with this key that is under way holds the row: PostgreSQL waits here for its end, SQLite has one writer.
    const mine = await tx
      .insertInto("idempotency_keys")
      .values({ ...row, verb, input_hash: inputHash, answer: null, created_at: at })
      .onConflict((conflict) => conflict.columns(["workspace", "actor", "key"]).doNothing())
      .returning("key")
      .executeTakeFirst();
    const ofKey = <Q extends { where: (column: never, is: "=", value: never) => Q }>(query: Q): Q =>
      query
        .where("workspace" as never, "=", row.workspace as never)
        .where("actor" as never, "=", row.actor as never)
        .where("key" as never, "=", key as never);
    if (mine === undefined) {
      const before = await ofKey(
        tx.selectFrom("idempotency_keys").select(["verb", "input_hash", "answer"]),
      ).executeTakeFirstOrThrow();
      if (before.verb !== verb || before.input_hash !== inputHash || before.answer === null)
        throw new AppError(
          "unprocessable",
          `The Idempotency-Key "${key}" was used for another request (${before.verb}) in the last 24 hours. Send a new key, or the same request.`,
          { details: { idempotency_key: key, verb: before.verb } },
        );
      isRepeated = true;
      return JSON.parse(before.answer) as T;
    }
    const made = await work(tx);
    await ofKey(tx.updateTable("idempotency_keys").set({ answer: JSON.stringify(made) })).execute();
    return made;
  });
  if (!isRepeated) await committed?.();
  return answer;
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
