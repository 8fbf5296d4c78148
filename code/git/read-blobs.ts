// Contents of blobs from one long-lived `git cat-file --batch`: in order, bounded, never more than asked for.
import { gitError } from "./git-errors.ts";
import { endGit, gitMissing, keepTail, startGit } from "./run-git.ts";

export type BlobContent =
  | { blob: string; is: "read"; bytes: Buffer }
  | { blob: string; is: "missing" }
  | { blob: string; is: "damaged" }
  | { blob: string; is: "too_large"; size: number };

/** Above this many damaged objects the repository as a whole is called damaged. */
const MAX_DAMAGED = 20;

/**
 * Yields one answer for each id, in order. A blob larger than `limit` is passed over without being held (git itself inflates it, which
 * costs time but not our memory): callers that know sizes from the tree don't ask for those at all.
 */
export async function* readBlobs(
  repository: { gitDir: string; subject: string },
  blobs: readonly string[],
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<BlobContent> {
  let next = 0;
  for (let damaged = 0; next < blobs.length;) {
    const failure = yield* readUntilDamaged(repository, next === 0 ? blobs : blobs.slice(next), limit, signal);
    if (failure === null) return;
    // git ends at an object it can't inflate; the one after it is asked of a new process.
    next += failure.read;
    if (++damaged > MAX_DAMAGED || /not a git repository/i.test(failure.stderr)) {
      throw gitError(failure.stderr || "bad object", repository.subject, "reading the files of");
    }
    yield { blob: blobs[next++] ?? "", is: "damaged" };
  }
}

async function* readUntilDamaged(
  repository: { gitDir: string; subject: string },
  blobs: readonly string[],
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<BlobContent, { read: number; stderr: string } | null> {
  signal.throwIfAborted();
  const child = startGit({ gitDir: repository.gitDir, args: ["cat-file", "--batch", "--buffer"] });
  const stderr = keepTail(child.stderr);
  const closed = new Promise<unknown>((resolve) => {
    child.on("error", resolve);
    child.on("close", () => resolve(null));
  });
  const onAbort = (): void => endGit(child);
  signal.addEventListener("abort", onAbort, { once: true });
  child.stdin.on("error", () => {});
  child.stdin.end(`${blobs.join("\n")}\n`);
  const input = readerOf(child.stdout);
  try {
    let read = 0;
    for (; read < blobs.length; read++) {
      const blob = blobs[read] ?? "";
      const header = await input.line();
      const [, type, sizeText] = header?.split(" ") ?? [];
      const size = Number(sizeText);
      const bytes = type === "blob" && size <= limit ? Buffer.allocUnsafeSlow(size) : null;
      const whole = header !== null && (type === "missing" || (await input.take(size, bytes)));
      signal.throwIfAborted();
      if (!whole) {
        const error = await closed;
        if (error !== null) throw gitMissing(error);
        return { read, stderr: stderr() };
      }
      if (bytes !== null) yield { blob, is: "read", bytes };
      else yield type === "blob" ? { blob, is: "too_large", size } : { blob, is: "missing" };
    }
    return null;
  } finally {
    signal.removeEventListener("abort", onAbort);
    endGit(child);
  }
}

/** Lines and counted stretches off one stream. */
function readerOf(stream: AsyncIterable<Buffer>) {
  const input = stream[Symbol.asyncIterator]();
  let chunk: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await input.next();
    if (next.done === true) return false;
    chunk = next.value;
    return true;
  };
  return {
    async line(): Promise<string | null> {
      let text = "";
      for (;;) {
        const end = chunk.indexOf(10);
        if (end >= 0) {
          text += chunk.toString("latin1", 0, end);
          chunk = chunk.subarray(end + 1);
          return text;
        }
        text += chunk.toString("latin1");
        if (text.length > 4096 || !(await more())) return null;
      }
    },
    /** Takes `size` bytes plus git's closing line break off, into `target` if there is one. False at an early end. */
    async take(size: number, target: Buffer | null): Promise<boolean> {
      if (!Number.isSafeInteger(size)) return false;
      for (let done = 0; done < size + 1;) {
        if (chunk.length === 0 && !(await more())) return false;
        const part = Math.min(chunk.length, size + 1 - done);
        if (target !== null && done < size) chunk.copy(target, done, 0, Math.min(part, size - done));
        chunk = chunk.subarray(part);
        done += part;
      }
      return true;
    },
  };
}
