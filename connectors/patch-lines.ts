// Which lines a patch changes, on either side of it.
const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;
const MOST_RANGES = 200;

/** A line that only ends something: what is inserted after it belongs to what follows. */
const closes = (text: string): boolean => /^\s*(?:[)\]}]+[;,)]*|end)?\s*$/.test(text);

/**
 * `[first, last]` pairs, 1-based. "old" is for a version without the change (an open pull request's base), "new" for one with it.
 * An insertion is told by the line that it stands next to, a deletion on the new side likewise.
 */
export function changedLines(patch: string, side: "old" | "new"): [number, number][] {
  const ranges: [number, number][] = [];
  const [gone, here] = side === "old" ? ["+", "-"] : ["-", "+"];
  let line = 0;
  let before = { at: 0, text: "" };
  let pending = false;
  const add = (first: number, last: number): void => {
    const previous = ranges.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else ranges.push([first, last]);
  };
  for (const text of patch.split("\n")) {
    const hunk = HUNK.exec(text);
    if (hunk) {
      if (pending && before.at > 0) add(before.at, before.at);
      pending = false;
      line = Number(side === "old" ? hunk[1] : hunk[2]);
      before = { at: 0, text: "" };
      continue;
    }
    if (text.startsWith("\\")) continue;
    if (text.startsWith(gone)) {
      pending = true;
      continue;
    }
    if (text.startsWith(here)) {
      add(line, line);
      pending = false;
    } else if (pending) {
      // Changed lines of this side just before say it already.
      const last = ranges.at(-1);
      if (!last || last[1] !== line - 1 || before.at === line - 1) {
        const after = before.at === 0 || closes(before.text);
        add(after ? line : before.at, after ? line : before.at);
      }
      pending = false;
    }
    if (!text.startsWith(here)) before = { at: line, text: text.slice(1) };
    line++;
  }
  if (pending && before.at > 0 && !ranges.some(([, last]) => last >= before.at)) add(before.at, before.at);
  return ranges.slice(0, MOST_RANGES);
}
