// Finds the doc comment that belongs to a declaration and takes its markers off.
import type { Comment } from "oxc-parser";
import type { Context } from "./context.ts";

const maxDoc = 2000;

function lastCommentBefore(comments: readonly Comment[], offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comments[middle]!.end <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function onlySpace(source: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = source.charCodeAt(i);
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9 && c !== 0xfeff) return false;
  }
  return true;
}

/** The raw text of the `/** … *\/` right before an offset (line comments between are passed over), without its delimiters. */
export function rawDocBefore(cx: Context, offset: number): string | undefined {
  let end = offset;
  for (let i = lastCommentBefore(cx.comments, offset); i >= 0; i--) {
    const comment = cx.comments[i]!;
    if (!onlySpace(cx.source, comment.end, end)) return undefined;
    if (comment.type === "Block") return comment.value.startsWith("*") ? comment.value : undefined;
    end = comment.start;
  }
  return undefined;
}

export function cleanDoc(raw: string): string | undefined {
  const text = raw
    .slice(1, maxDoc * 3)
    .replace(/\r?\n[ \t]*\*? ?/g, "\n")
    .trim();
  return text === "" ? undefined : text.slice(0, maxDoc);
}

export function docBefore(cx: Context, offset: number): string | undefined {
  const raw = rawDocBefore(cx, offset);
  return raw === undefined ? undefined : cleanDoc(raw);
}

/** A doc comment at the top that speaks of the file: tagged so, or parted from what follows by a blank line or an import. */
export function fileDoc(cx: Context, firstStatement: number | null, firstIsImport: boolean): string | undefined {
  const comment = cx.comments.find((c) => c.type === "Block" && c.value.startsWith("*"));
  if (comment === undefined) return undefined;
  const limit = firstStatement ?? cx.source.length;
  if (comment.start > limit) return undefined;
  const after = cx.source.slice(comment.end, Math.min(limit, comment.end + 200));
  const spoken = /@(?:file|fileoverview|module|packageDocumentation)\b/.test(comment.value);
  if (!spoken && !firstIsImport && !/^\s*\n\s*\n/.test(after) && !after.includes("/*")) return undefined;
  return cleanDoc(comment.value);
}
