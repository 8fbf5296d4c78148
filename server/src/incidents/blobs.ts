// Large contents by their SHA-256, each kept once, in rows of bounded size: the same on both engines, and in every backup of the store.
import { createHash } from "node:crypto";
import type { AppTransaction } from "../access/idempotency.ts";

const chunkBytes = 256 * 1024;

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
