// The outline of a file: its symbols in the order of their lines, indented by what holds them.
import type { GraphNode } from "@opentrace/contract/graph.ts";
import { linesOf } from "../../graph/describe.ts";

export interface OutlineEntry {
  node: GraphNode;
  depth: number;
}

/** A symbol is inside the one whose lines enclose its own. Variables inside functions are left out by the graph already. */
export function outlineOf(nodes: readonly GraphNode[]): OutlineEntry[] {
  const placed = nodes
    .map((node) => ({ node, lines: linesOf(node) }))
    .filter((each): each is { node: GraphNode; lines: { start: number; end: number } } => each.lines !== null)
    .sort(
      (a, b) => a.lines.start - b.lines.start || b.lines.end - a.lines.end || a.node.name.localeCompare(b.node.name),
    );
  const holders: number[] = [];
  return placed.map(({ node, lines }) => {
    while (holders.length > 0 && (holders.at(-1) ?? 0) < lines.end) holders.pop();
    const depth = holders.length;
    if (lines.end > lines.start) holders.push(lines.end);
    return { node, depth };
  });
}
