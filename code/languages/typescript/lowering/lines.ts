// Offsets (UTF-16) → lines and columns, fast for the nearly ascending offsets of a walk.
import type { SourceRange } from "@opentrace/contract/graph.ts";

export interface LineTable {
  readonly count: number;
  /** 1-based line of an offset. */
  lineOf(offset: number): number;
  range(start: number, end: number): SourceRange;
}

export function createLineTable(source: string): LineTable {
  const starts: number[] = [0];
  for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  let last = 0;

  /** Index of the line; tries the neighbourhood of the previous answer before it searches. */
  function find(offset: number): number {
    if (starts[last]! <= offset) {
      for (let i = last, end = Math.min(starts.length, last + 8); i < end; i++) {
        if (i + 1 >= starts.length || starts[i + 1]! > offset) return (last = i);
      }
    }
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return (last = low);
  }

  return {
    // A final newline ends the last line, it does not begin another.
    count: source === "" ? 0 : starts.length - (source.endsWith("\n") ? 1 : 0),
    lineOf: (offset) => find(offset) + 1,
    range(start, end) {
      const first = find(start);
      const startColumn = start - starts[first]!;
      const final = find(end);
      return { startLine: first + 1, startColumn, endLine: final + 1, endColumn: end - starts[final]! };
    },
  };
}
