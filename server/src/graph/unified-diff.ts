// Reads a unified diff (git's or plain) for the lines of the old version that it touches: the graph knows the version before the change.

export interface DiffFile {
  /** Path before the change; null for a new file. */
  oldPath: string | null;
  newPath: string | null;
  /** Old lines that are changed or removed: [first, last], 1-based. Blank lines that come or go change nothing. */
  changed: [number, number][];
  /** Old lines after which something is inserted (0 = at the top). */
  inserted: number[];
}

function pathOf(text: string): string | null {
  const path = text
    .replace(/\t.*$/, "")
    .trim()
    .replace(/^"(.*)"$/, "$1");
  if (path === "/dev/null") return null;
  return path.replace(/^[abciwo]\//, "");
}

/** An empty list when the text holds no diff. */
export function parseUnifiedDiff(text: string): DiffFile[] {
  const files: DiffFile[] = [];
  let file: DiffFile | null = null;
  let oldLine = 0;
  let oldLeft = 0;
  let newLeft = 0;
  let removed = false;
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (oldLeft > 0 || newLeft > 0) {
      const mark = line[0] ?? " ";
      const isBlank = line.slice(1).trim() === "";
      if (mark === "-" && isBlank) {
        oldLine++;
        oldLeft--;
        continue;
      }
      if (mark === "-") {
        const last = file!.changed.at(-1);
        if (removed && last !== undefined && last[1] === oldLine - 1) last[1] = oldLine;
        else file!.changed.push([oldLine, oldLine]);
        removed = true;
        oldLine++;
        oldLeft--;
        continue;
      }
      if (mark === "+") {
        // Lines that replace removed ones are told by those.
        if (!isBlank && !removed && file!.inserted.at(-1) !== oldLine - 1) file!.inserted.push(oldLine - 1);
        newLeft--;
        continue;
      }
      if (mark === "\\") continue;
      removed = false;
      oldLine++;
      oldLeft--;
      newLeft--;
      continue;
    }
    if (line.startsWith("rename from ")) {
      file = { oldPath: pathOf(line.slice(12)), newPath: null, changed: [], inserted: [] };
      files.push(file);
    } else if (line.startsWith("rename to ") && file !== null) {
      file.newPath = pathOf(line.slice(10));
    } else if (line.startsWith("--- ") && lines[at + 1]?.startsWith("+++ ")) {
      const oldPath = pathOf(line.slice(4));
      const newPath = pathOf(lines[at + 1]!.slice(4));
      // git names a renamed file twice.
      if (file === null || file.oldPath !== oldPath || file.changed.length > 0) {
        file = { oldPath, newPath, changed: [], inserted: [] };
        files.push(file);
      }
      file.newPath = newPath;
      at++;
    } else {
      const hunk = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
      if (hunk === null || file === null) continue;
      oldLeft = hunk[2] === undefined ? 1 : Number(hunk[2]);
      newLeft = hunk[3] === undefined ? 1 : Number(hunk[3]);
      // "-0,0" and "-n,0" name the line before an insertion.
      oldLine = Number(hunk[1]) + (oldLeft === 0 ? 1 : 0);
      removed = false;
    }
  }
  return files;
}
