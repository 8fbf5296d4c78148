// Results for models: compact, within a budget of tokens, always whole JSON, and plain about what was left out.
import type { GraphEdge, GraphNode, Page } from "@opentrace/contract/graph.ts";

/** A pessimistic estimate for JSON: about three characters a token. */
const charactersPerToken = 3;

/** A node in one line: where it is and what it looks like; the rest by get_node. */
export function compactNode(node: GraphNode): Record<string, unknown> {
  const { path, range, signature, doc } = node.props;
  const line =
    typeof range === "object" && range !== null && !Array.isArray(range) && typeof range["startLine"] === "number"
      ? `:${range["startLine"]}`
      : "";
  return {
    id: node.id,
    type: node.type,
    name: node.name,
    key: node.key,
    ...(typeof path === "string" ? { at: `${path}${line}` } : {}),
    ...(typeof signature === "string" && signature !== "" ? { signature: signature.slice(0, 160) } : {}),
    ...(typeof doc === "string" && doc !== "" ? { doc: doc.split("\n", 1)[0]!.slice(0, 120) } : {}),
  };
}

/** How an edge reads from its start, with its best evidence: `CALLS src/pay.ts:12 (0.8 same-name)`. */
export function compactEdge(edge: GraphEdge): string {
  const claim = edge.provenance.toSorted((a, b) => b.confidence - a.confidence)[0];
  const evidence = claim?.evidence[0];
  const confidence =
    claim !== undefined && claim.confidence < 1
      ? ` (${claim.confidence}${claim.rule === undefined ? "" : ` ${claim.rule}`})`
      : "";
  return `${edge.type}${evidence === undefined ? "" : ` ${evidence}`}${confidence}`;
}

export interface Presented {
  [field: string]: unknown;
  returned: number;
  total: number | null;
  truncated: boolean;
  next_cursor: string | null;
  left_out?: string;
}

/**
 * `head` and as many of `items` as the budget holds, under `name`. `cursorAt(n)` makes the cursor that goes on after the first n
 * items; without it a cut list says how to ask for less.
 */
export function presentList(options: {
  head?: Record<string, unknown>;
  name: string;
  items: readonly unknown[];
  page: Page;
  budget: number;
  cursorAt?: (kept: number) => string | null;
}): Presented {
  const { head = {}, name, items, page, budget, cursorAt } = options;
  let left = budget * charactersPerToken - JSON.stringify(head).length - 200;
  const kept: unknown[] = [];
  for (const item of items) {
    left -= JSON.stringify(item).length + 1;
    if (left < 0) break;
    kept.push(item);
  }
  const isCut = kept.length < items.length;
  const result: Presented = {
    ...head,
    [name]: kept,
    returned: kept.length,
    total: page.total,
    truncated: isCut || page.truncated,
    next_cursor: isCut ? (cursorAt?.(kept.length) ?? null) : page.nextCursor,
  };
  if (isCut) {
    const missing = items.length - kept.length;
    result.left_out = `${missing} of this page did not fit the budget; ${
      result.next_cursor === null ? "narrow the filters or raise max_tokens" : "go on with next_cursor"
    }.`;
  }
  return result;
}
