// A node's row id: 53 bits made from its key, so that edges can be written without looking anything up (docs/decisions).
import { hash } from "node:crypto";

/** Nodes of one file share the upper 16 bits: their rows, edges and index entries lie on the same database pages. */
function bucketOf(workspace: string, key: string): number {
  const start = key.indexOf(":") + 1;
  const first = key.indexOf("#", start);
  const second = first < 0 ? -1 : key.indexOf("#", first + 1);
  const end = second < 0 ? key.length : second;
  let fnv = 0x811c9dc5;
  for (let at = 0; at < workspace.length; at++) fnv = Math.imul(fnv ^ workspace.charCodeAt(at), 0x01000193);
  for (let at = start; at < end; at++) fnv = Math.imul(fnv ^ key.charCodeAt(at), 0x01000193);
  return (fnv ^ (fnv >>> 16)) & 0xffff;
}

/** Keys have no NUL in the store, so ids are made of what is stored. */
const stored = (key: string): string => (key.includes("\0") ? key.replaceAll("\0", "\uFFFD") : key);

/** Upper 16 bits: FNV-1a of the file part of the key; lower 37: SHA-256 of workspace and key. */
export function nodeId(workspace: string, asked: string): number {
  const key = stored(asked);
  // A string of bytes is the cheapest form that the one-shot hash gives.
  const digest = hash("sha256", `${workspace}\0${key}`, "binary");
  let low = digest.charCodeAt(0) & 0x1f;
  for (let at = 1; at < 5; at++) low = low * 256 + digest.charCodeAt(at);
  return bucketOf(workspace, key) * 2 ** 37 + low;
}

/** The id as it stands in URLs and answers. */
export const publicId = (id: number): string => id.toString(36);

/** null when the text can't be an id (keys contain a colon, ids don't). */
export function parsePublicId(text: string): number | null {
  if (!/^[0-9a-z]{1,11}$/.test(text)) return null;
  const id = Number.parseInt(text, 36);
  return Number.isSafeInteger(id) ? id : null;
}

/** Remembers ids of the keys it has seen lately: most endpoints of edges come up again and again. */
export function createNodeIds(workspace: string, kept = 16_000): (key: string) => number {
  let recent = new Map<string, number>();
  let older = new Map<string, number>();
  return (key) => {
    let id = recent.get(key);
    if (id !== undefined) return id;
    id = older.get(key) ?? nodeId(workspace, key);
    recent.set(key, id);
    if (recent.size >= kept) {
      older = recent;
      recent = new Map();
    }
    return id;
  };
}
