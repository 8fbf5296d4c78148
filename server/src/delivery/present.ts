// Things of delivery for a model: what they are, where they stand, when that was, and the vendor's page.
import type { GraphNode } from "@opentrace/contract/graph.ts";

const told = [
  "number",
  "state",
  "draft",
  "author",
  "head",
  "base",
  "labels",
  "environment",
  "ref",
  "sha",
  "current",
  "tag",
  "path",
  "createdAt",
  "updatedAt",
  "mergedAt",
  "closedAt",
  "publishedAt",
  "url",
] as const;

/** A property that is a text; empty when it is none. */
export function textOf(node: Pick<GraphNode, "props">, name: string): string {
  const value = node.props[name];
  return typeof value === "string" ? value : "";
}

export function compactDelivery(node: GraphNode): Record<string, unknown> {
  const props: Record<string, unknown> = {};
  for (const name of told) {
    const value = node.props[name];
    if (value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)) props[name] = value;
  }
  return { id: node.id, type: node.type, title: node.name, key: node.key, ...props };
}
