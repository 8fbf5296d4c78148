// Facts: what a source claims about the world. Indexers and connectors yield them; the graph's ingest writes them.
import { z } from "zod";
import { EdgeType, NodeType, Props } from "./graph.ts";

/** "There is a node". Several sources may claim the same key; props are merged by the order of their claims. */
export const NodeFact = z.object({
  key: z.string().min(1).max(2048),
  type: NodeType,
  name: z.string().max(1024),
  props: Props.optional(),
});
export type NodeFact = z.infer<typeof NodeFact>;

/** "There is an edge". One fact for each (from, to, type) of a scope; its places are collected in `evidence`. */
export const EdgeFact = z.object({
  from: z.string(),
  to: z.string(),
  type: EdgeType,
  props: Props.optional(),
  /** Where it can be seen: `path:line`, a URL, a span id. At most 20; `props.count` holds the number when there are more. */
  evidence: z.array(z.string()).max(20).optional(),
  /** 1 (the default) = stated; below = inferred by `rule`. */
  confidence: z.number().min(0).max(1).optional(),
  rule: z.string().optional(),
});
export type EdgeFact = z.infer<typeof EdgeFact>;

/**
 * All that a source claims within one scope: what a sync replaces as a whole. An empty scope is removed.
 * The code indexer uses one scope a file (`file:src/pay.ts`), so an edited file replaces its own claims only.
 */
export interface ScopeFacts {
  scope: string;
  nodes: NodeFact[];
  edges: EdgeFact[];
}
