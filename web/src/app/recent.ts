// The nodes a person looked at last: offered first by the palette. Kept in this browser.
import { GraphNode } from "@opentrace/contract/graph.ts";
import { z } from "zod";

const storageKey = "opentrace.recent";
const most = 8;

export function recentNodes(): GraphNode[] {
  try {
    const parsed = z.array(GraphNode).safeParse(JSON.parse(localStorage.getItem(storageKey) ?? "[]"));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

export function rememberNode(node: GraphNode): void {
  // Props (source text, docs) are not needed to name a node and could fill the storage.
  const entry = { ...node, props: {} };
  const next = [entry, ...recentNodes().filter((each) => each.id !== node.id)].slice(0, most);
  try {
    localStorage.setItem(storageKey, JSON.stringify(next));
  } catch {
    // Full or blocked storage: no list, nothing lost.
  }
}
