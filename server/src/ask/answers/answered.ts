// What every answer is made of, and how a name in a question becomes a node.
import type { GraphNode } from "@opentrace/contract/graph.ts";
import type { GraphAccess } from "../graph-access.ts";
import type { MentionText } from "../mention.ts";
import { label } from "../wording.ts";

export interface Answered {
  text: string;
  nodes: GraphNode[];
  /** False when a name in the question is not in the graph. */
  understood: boolean;
  truncated: boolean;
}

export const answered = (text: string, nodes: GraphNode[] = [], truncated = false): Answered => ({
  text,
  nodes,
  understood: true,
  truncated,
});

/** Lines of one list. */
export const most = 25;

export async function withNode(
  mention: MentionText,
  access: GraphAccess,
  answer: (node: GraphNode) => Promise<Answered>,
): Promise<Answered> {
  const node = await access.resolve(mention);
  return node === null ? unknown(mention) : answer(node);
}

export const unknown = ({ raw }: MentionText): Answered => ({
  text: `Nothing in the graph is called "${raw}". Check the spelling, or search for a part of the name: Find ${raw.slice(0, 40)}`,
  nodes: [],
  understood: false,
  truncated: false,
});

/** `2026-11-21 10:05 UTC`, whatever the offset. */
export function when(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export interface Scope {
  filter: Record<string, unknown>;
  node: GraphNode | null;
  said: string;
}

/** "in X" as filters of the verbs that list: a repository is a source, a folder or file a path. Null when X is not there. */
export async function scopeOf(within: MentionText | null, access: GraphAccess): Promise<Scope | null> {
  if (within === null) return { filter: {}, node: null, said: "" };
  const node = await access.resolve(within, "Repository");
  if (node === null) return null;
  const said = ` in ${label(node)}`;
  if (node.type === "Repository") return { filter: { source: node.key }, node, said };
  const [, repo, place] = /^\w+:([^#]*)#([^#]*)/.exec(node.key) ?? [];
  if (node.type === "Directory" || node.type === "File")
    return { filter: { source: `repo:${repo ?? ""}`, path: place }, node, said };
  return { filter: {}, node, said };
}

export function unique(nodes: readonly GraphNode[]): GraphNode[] {
  return [...new Map(nodes.map((node) => [node.id, node])).values()];
}
