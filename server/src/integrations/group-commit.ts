// Many small durable writes as few: what arrives while a write is under way goes out together with the next one.
import { AppError } from "@opentrace/contract/errors.ts";

export interface GroupCommit<T> {
  /** Resolves when the item is durable, rejects when its write failed. Throws AppError("unavailable") when too much waits. */
  add(item: T): Promise<void>;
}

export interface GroupCommitOptions<T> {
  /** All of them in one transaction. */
  write(this: void, items: readonly T[]): Promise<void>;
  sizeOf(this: void, item: T): number;
  /** Items and bytes of one write. */
  mostItems: number;
  mostBytes: number;
  /** Bytes that may wait in memory. */
  mostWaiting: number;
}

export function createGroupCommit<T>(options: GroupCommitOptions<T>): GroupCommit<T> {
  const { write, sizeOf, mostItems, mostBytes, mostWaiting } = options;
  let waiting: { item: T; size: number; done: () => void; failed: (error: unknown) => void }[] = [];
  let waitingBytes = 0;
  let writing = false;

  async function drain(): Promise<void> {
    writing = true;
    // Those that came in the same turn of the event loop go together.
    await Promise.resolve();
    while (waiting.length > 0) {
      let count = 0;
      let bytes = 0;
      for (const { size } of waiting) {
        if (count > 0 && (count >= mostItems || bytes + size > mostBytes)) break;
        count++;
        bytes += size;
      }
      const batch = waiting.slice(0, count);
      waiting = waiting.slice(count);
      try {
        await write(batch.map(({ item }) => item));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
      waitingBytes -= bytes;
    }
    writing = false;
  }

  return {
    add(item) {
      const size = sizeOf(item);
      if (waitingBytes > 0 && waitingBytes + size > mostWaiting)
        throw new AppError("unavailable", "More arrives than can be written. Send it again in a moment.");
      waitingBytes += size;
      const added = new Promise<void>((done, failed) => waiting.push({ item, size, done, failed }));
      if (!writing) void drain();
      return added;
    },
  };
}
