// Every path of a commit, with blob and size, as git lists it; nothing is checked out.
import { gitError } from "./git-errors.ts";
import { endGit, keepTail, startGit } from "./run-git.ts";

export interface TreeEntry {
  path: string;
  kind: "file" | "symlink" | "submodule";
  blob: string;
  /** Bytes; null for submodules and for blobs that are not in the store (left out by a partial clone, or damaged). */
  size: number | null;
}

/** Sorted by path bytes, as git keeps them. Throws unprocessable when a tree is damaged. */
export async function* listTree(
  repository: { gitDir: string; subject: string },
  commit: string,
  signal: AbortSignal,
): AsyncGenerator<TreeEntry[]> {
  signal.throwIfAborted();
  const child = startGit({
    gitDir: repository.gitDir,
    args: ["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit],
  });
  const stderr = keepTail(child.stderr);
  const closed = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? -1));
  });
  closed.catch(() => {});
  const onAbort = (): void => endGit(child);
  signal.addEventListener("abort", onAbort, { once: true });
  child.stdin.on("error", () => {});
  child.stdin.end();
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = data.lastIndexOf(0);
      if (end < 0) {
        rest = data;
        continue;
      }
      rest = data.subarray(end + 1);
      const entries: TreeEntry[] = [];
      for (let start = 0; start <= end;) {
        const stop = data.indexOf(0, start);
        const entry = parseEntry(data.subarray(start, stop));
        if (entry !== null) entries.push(entry);
        start = stop + 1;
      }
      yield entries;
    }
    signal.throwIfAborted();
    const code = await closed;
    if (code !== 0) throw gitError(stderr(), repository.subject, "listing the files of");
  } finally {
    signal.removeEventListener("abort", onAbort);
    endGit(child);
  }
}

/** `<mode> <type> <object> <size padded>\t<path>`. A path that is no UTF-8 keeps its bytes as latin1 letters, so that it stays nameable. */
function parseEntry(record: Buffer): TreeEntry | null {
  const tab = record.indexOf(9);
  if (tab < 0) return null;
  const [mode = "", , blob = "", size = "-"] = record.toString("latin1", 0, tab).split(/ +/);
  const utf8 = record.toString("utf8", tab + 1);
  const path = utf8.includes("\uFFFD") ? record.toString("latin1", tab + 1) : utf8;
  const kind = mode === "120000" ? "symlink" : mode === "160000" ? "submodule" : "file";
  return { path, kind, blob, size: /^\d+$/.test(size) ? Number(size) : null };
}
