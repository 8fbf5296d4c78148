// Matches in the order they came, grouped by the file they are in.
import type { SourceMatch } from "@opentrace/contract/graph-answers.ts";

export interface FileMatches {
  repository: string;
  path: string;
  matches: SourceMatch[];
}

export function byFile(matches: readonly SourceMatch[]): FileMatches[] {
  const files: FileMatches[] = [];
  for (const match of matches) {
    const last = files.at(-1);
    if (last?.repository === match.repository && last.path === match.path) last.matches.push(match);
    else files.push({ repository: match.repository, path: match.path, matches: [match] });
  }
  return files;
}

interface Piece {
  text: string;
  marked: boolean;
}

/** The line without its indentation, cut in three: before, the match, after. */
export function pieces({ text, mark }: Pick<SourceMatch, "text" | "mark">): Piece[] {
  const indent = Math.min(text.length - text.trimStart().length, mark.start);
  return [
    { text: text.slice(indent, mark.start), marked: false },
    { text: text.slice(mark.start, mark.end), marked: true },
    { text: text.slice(mark.end), marked: false },
  ].filter((piece) => piece.text !== "");
}
