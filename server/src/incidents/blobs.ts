// Large contents by their SHA-256, each kept once, in rows of bounded size: the same on both engines, and in every backup of the store.
import { createHash, type Hash } from "node:crypto";
import { AppError } from "@opentrace/contract/errors.ts";
import type { AppTransaction } from "../access/idempotency.ts";
import type { Store } from "../store/store.ts";

const chunkBytes = 256 * 1024;
/** A blob that nobody finished in this time was given up. */
const unfinishedMs = 3_600_000;

/** In the transaction of the row that will name it. Answers its hash. */
export async function putBlob(tx: AppTransaction, content: Buffer, now: Date): Promise<string> {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const made = await tx
    .insertInto("blobs")
    .values({ sha256, bytes: content.length, created_at: now.getTime() })
    .onConflict((conflict) => conflict.column("sha256").doNothing())
    .returning("seq")
    .executeTakeFirst();
  if (made === undefined) return sha256;
  for (let n = 0; n * chunkBytes < content.length; n++) {
    const data = content.subarray(n * chunkBytes, (n + 1) * chunkBytes);
    await tx.insertInto("blob_chunks").values({ blob: made.seq, n, data }).execute();
  }
  return sha256;
}

/** Written, but not yet named by a row. */
export interface StagedBlob {
  seq: number;
  sha256: string;
  bytes: number;
  /** The first bytes, at most as many as were asked for. */
  beginning: Buffer;
}

/** Writes as it arrives, a chunk a transaction. Throws `too_large` beyond `most` bytes, and leaves nothing behind then. */
export async function stageBlob(
  { app }: Pick<Store, "app">,
  content: AsyncIterable<Uint8Array>,
  { most, beginning: wanted, now }: { most: number; beginning: number; now: Date },
  signal: AbortSignal,
): Promise<StagedBlob> {
  const { seq } = await app
    .insertInto("blobs")
    .values({ sha256: null, bytes: 0, created_at: now.getTime() })
    .returning("seq")
    .executeTakeFirstOrThrow();
  const hash: Hash = createHash("sha256");
  const first: Uint8Array[] = [];
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let bytes = 0;
  let n = 0;
  const flush = async (): Promise<void> => {
    if (waitingBytes === 0) return;
    const data = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    await app.insertInto("blob_chunks").values({ blob: seq, n: n++, data }).execute();
  };
  try {
    for await (const part of content) {
      signal.throwIfAborted();
      if (bytes < wanted) first.push(part.subarray(0, wanted - bytes));
      bytes += part.length;
      if (bytes > most)
        throw new AppError(
          "too_large",
          `The content is larger than ${most / 1024 / 1024} MB: send a part of it, or a link.`,
        );
      hash.update(part);
      // Chunks have one size but for the last: readers find them by number.
      for (let at = 0; at < part.length;) {
        const take = part.subarray(at, at + chunkBytes - waitingBytes);
        waiting.push(take);
        waitingBytes += take.length;
        at += take.length;
        if (waitingBytes === chunkBytes) await flush();
      }
    }
    await flush();
    return { seq, bytes, sha256: hash.digest("hex"), beginning: Buffer.concat(first) };
  } catch (error) {
    await dropStaged({ app }, seq);
    throw error;
  }
}

/** In the transaction of the row that names it; one that is there already is used instead. */
export async function keepStaged(tx: AppTransaction, staged: StagedBlob): Promise<string> {
  const known = await tx.selectFrom("blobs").select("seq").where("sha256", "=", staged.sha256).executeTakeFirst();
  if (known !== undefined) {
    await tx.deleteFrom("blob_chunks").where("blob", "=", staged.seq).execute();
    await tx.deleteFrom("blobs").where("seq", "=", staged.seq).execute();
    return staged.sha256;
  }
  await tx
    .updateTable("blobs")
    .set({ sha256: staged.sha256, bytes: staged.bytes })
    .where("seq", "=", staged.seq)
    .execute();
  return staged.sha256;
}

export async function dropStaged({ app }: Pick<Store, "app">, seq: number): Promise<void> {
  await app.transaction().execute(async (tx) => {
    const gone = await tx.deleteFrom("blobs").where("seq", "=", seq).where("sha256", "is", null).execute();
    if (gone[0]?.numDeletedRows !== 0n) await tx.deleteFrom("blob_chunks").where("blob", "=", seq).execute();
  });
}

/** What uploads left behind whose client or server died. */
export async function dropUnfinished({ app }: Pick<Store, "app">, now: Date): Promise<void> {
  const old = await app
    .selectFrom("blobs")
    .select("seq")
    .where("sha256", "is", null)
    .where("created_at", "<", now.getTime() - unfinishedMs)
    .limit(1_000)
    .execute();
  for (const { seq } of old) await dropStaged({ app }, seq);
}

/** In the transaction that took back a row which named it: goes when no other names it. */
export async function releaseBlob(tx: AppTransaction, sha256: string): Promise<void> {
  const user = await tx
    .selectFrom("evidence")
    .select("seq")
    .where(({ or, eb }) => or([eb("content_blob", "=", sha256), eb("image_blob", "=", sha256)]))
    .limit(1)
    .executeTakeFirst();
  if (user !== undefined) return;
  const gone = await tx.deleteFrom("blobs").where("sha256", "=", sha256).returning("seq").execute();
  for (const { seq } of gone) await tx.deleteFrom("blob_chunks").where("blob", "=", seq).execute();
}

export interface StoredBlob {
  sha256: string;
  bytes: number;
  /** From the start, a chunk at a time. */
  chunks(signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

/** Throws `not_found`. */
export async function openBlob({ app }: Pick<Store, "app">, sha256: string): Promise<StoredBlob> {
  const blob = await app.selectFrom("blobs").select(["seq", "bytes"]).where("sha256", "=", sha256).executeTakeFirst();
  if (blob === undefined) throw new AppError("not_found", `There is no stored content ${sha256}.`);
  const { seq, bytes } = blob;
  return {
    sha256,
    bytes,
    async *chunks(signal) {
      for (let n = 0; n * chunkBytes < bytes; n++) {
        signal.throwIfAborted();
        const chunk = await app
          .selectFrom("blob_chunks")
          .select("data")
          .where("blob", "=", seq)
          .where("n", "=", n)
          .executeTakeFirst();
        if (chunk === undefined) throw new AppError("not_found", `The stored content ${sha256} was removed meanwhile.`);
        yield chunk.data;
      }
    },
  };
}
